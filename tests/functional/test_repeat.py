"""Never twice, never lost: the command repeated, concurrent, forced, killed, and with a mail server that misbehaves."""

import hashlib
import io
import json
import re
import signal
import socket
from collections.abc import Mapping
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.office import APRIL, CEO, CFO, CTO, FOLDER, LOGIN, NOW, Office, ended, office, parts, words
from tests.smtp_server import HANG_UP, SILENCE, STORE_AND_HANG_UP
from tests.unit.rendering.words import read

TO_CEO = (*APRIL, "--to", CEO)
TO_THREE = (*TO_CEO, "--to", CFO, "--to", CTO)


def state(place: Office) -> Mapping[str, tuple[str, int]]:
    """The hash and the modification time of each file of the archive."""
    files = [path for path in (place.folder / "reports").rglob("*") if path.is_file() and ".state" not in path.parts]
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in sorted(files)
    }


def identity(wire: bytes) -> str:
    """An email's Message-ID."""
    return str(message_from_bytes(wire)["Message-ID"])


def test_a_second_run_changes_and_sends_nothing(tmp_path: Path) -> None:
    """A second run requests no figures, contacts no mail server, changes no file, says so, and exits with 0."""
    with office(tmp_path) as place:
        first = place.report(*TO_CEO)
        before, asked = state(place), len(place.api.asked)
        place.api.now = NOW + timedelta(days=9)
        done = place.run("--json", "-v", *TO_CEO)
        (again,) = done.document["reports"]
        assert state(place) == before
        assert (len(place.api.asked) - asked, place.mail.connections, place.readers()) == (1, 1, [CEO])
        verified = place.run("verify")
    assert (done.code, again["status"], done.document["counts"]["skipped"]) == (0, "skipped", 1)
    assert again["error"] == "sent before; --force REASON sends it again"
    assert {key: again[key] for key in ("pdf_sha256", "message_id", "deliveries")} == {
        key: first[key] for key in ("pdf_sha256", "message_id", "deliveries")
    }
    assert re.search(r"report\.done .*status=skipped", done.err)
    assert verified.code == 0


@pytest.mark.slow
def test_a_receipt_that_was_left_behind_is_caught_up(tmp_path: Path) -> None:
    """If a run died after its emails were sent and before its receipt was written, the next run writes the receipt."""
    with office(tmp_path) as place:
        place.report(*TO_CEO)
        path, whole = tmp_path / FOLDER / "receipt.json", place.archived("receipt.json")
        path.write_bytes(json.dumps(json.loads(whole) | {"deliveries": []}).encode())
        assert place.report(*TO_CEO)["status"] == "skipped"
        assert place.archived("receipt.json") == whole
        assert place.run("verify").code == 0
        assert place.readers() == [CEO]


def other_version(place: Office) -> None:
    """Change the version that April's report names as its renderer."""
    path = place.folder / FOLDER / "report.json"
    document = json.loads(path.read_bytes())
    document["generator"]["version"] = "0.0.1"
    path.write_text(json.dumps(document))


def test_an_unsent_report_of_another_version_is_not_replaced_silently(tmp_path: Path) -> None:
    """A run that renders it again names both versions; one that replaces its own version's rendering logs nothing."""
    with office(tmp_path) as place:
        place.report(*APRIL, "--no-email")
        other_version(place)
        told, silent = (place.run(*APRIL, "--no-email") for _ in range(2))
    assert re.search(r"edition\.replaced .*rendered_by_version=0\.0\.1", told.err)
    assert (told.code, silent.code, silent.err) == (0, 0, "")


def test_a_new_revision_keeps_the_edition_of_another_version(tmp_path: Path) -> None:
    """A sent edition is set aside, not replaced, so nothing is logged."""
    with office(tmp_path) as place:
        place.report(*TO_CEO)
        other_version(place)
        forced = place.run(*TO_CEO, "--force", "late answers")
        kept = json.loads((place.folder / FOLDER / "revision-1/report.json").read_bytes())
    assert kept["generator"]["version"] == "0.0.1"
    assert (forced.code, "edition.replaced" in forced.err) == (0, False)


def test_force_sends_a_new_revision(tmp_path: Path) -> None:
    """With a reason, the report is rendered again and sent with a new Message-ID; the old edition is kept beside it."""
    with office(tmp_path) as place:
        place.report(*TO_CEO)
        former = {name: place.archived(name) for name in ("report.pdf", "report.json", "email.eml", "receipt.json")}
        place.api.now = NOW + timedelta(days=9)
        forced = place.report(*TO_CEO, "--force", "late answers came in")
        verified = place.run("verify")
        first, second = place.mail.stored
        receipt = place.receipt()
        kept = {name: place.archived(f"revision-1/{name}") for name in former}
        assert place.report(*TO_CEO)["status"] == "skipped"
    assert kept == former
    assert (receipt["revision"], receipt["reason"]) == (2, "late answers came in")
    assert [(each["revision"], each["status"]) for each in receipt["deliveries"]] == [(2, "accepted")]
    assert (forced["status"], forced["message_id"]) == ("sent", identity(second.wire))
    assert identity(first.wire) != identity(second.wire)
    assert (verified.code, verified.out.splitlines()[-1][:27]) == (0, "reports: 10 files, 2 report")


@pytest.mark.slow
def test_a_revision_tells_its_readers_that_it_is_one_and_why(tmp_path: Path) -> None:
    """Subject, text, HTML, and PDF name the revision and its reason for every recipient; the old report does not."""
    why = "Revised report, version 2: late <answers> came in"
    with office(tmp_path) as place:
        place.report(*TO_THREE)
        place.mail.refused = {CFO: "550 5.1.1 No such mailbox"}
        place.report(*TO_THREE, "--force", "late <answers> came in", code=1)
        place.mail.refused = {}
        assert place.run("resolve", "5", "--resend").code == 0
        place.report(*TO_THREE)
        verified = place.run("verify")
        index = (tmp_path / "reports" / "index.html").read_text("utf-8")
        told = [[why in text for text in texts(stored.wire)] for stored in place.mail.stored]
        subjects = [message_from_bytes(stored.wire, policy=policy.default)["Subject"] for stored in place.mail.stored]
        assert place.readers() == [CEO, CFO, CTO, CEO, CTO, CFO]
    assert told == [[False] * 3] * 3 + [[True] * 3] * 3
    assert [subject.startswith("Revised: Acme Roofing, April 2026") for subject in subjects] == [False] * 3 + [True] * 3
    assert verified.code == 0
    assert "Revision 2: <bdi>late &lt;answers&gt; came in</bdi>" in index


def texts(wire: bytes) -> tuple[str, str, str]:
    """An email's text, and the text of its HTML and of its PDF."""
    text, html, _, pdf = parts(wire)
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return words(text), words("".join(read(html).texts)), words(" ".join(pages))


@pytest.mark.slow
def test_force_without_a_former_mail_is_the_first_revision(tmp_path: Path) -> None:
    """Forcing a report that was never sent makes revision 1."""
    with office(tmp_path) as place:
        place.report(*TO_CEO, "--force", "to be sure")
        assert place.receipt()["revision"] == 1
        assert not (tmp_path / FOLDER / "revision-1").exists()


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["EHLO", "DATA"])
def test_a_forced_run_that_is_killed_is_completed_by_the_next(stage: str, tmp_path: Path) -> None:
    """Killed after the new revision was archived and before it was sent: the next run, without --force, sends it."""
    with office(tmp_path) as place:
        place.report(*TO_CEO)
        place.mail.faults = {stage: [SILENCE]}
        kill_at(place, stage, *TO_CEO, "--force", "a new logo")
        assert place.report(*TO_CEO)["status"] == "sent"
        assert place.report(*TO_CEO)["status"] == "skipped"
        receipt = place.receipt()
        verified = place.run("verify")
        wires = [stored.wire for stored in place.mail.stored]
        assert parts(wires[1])[3] == place.archived("report.pdf")
    assert (receipt["revision"], receipt["reason"]) == (2, "a new logo")
    assert len({identity(wire) for wire in wires}) == len(wires) == 2
    assert verified.code == 0


def kill_at(place: Office, stage: str, *arguments: str) -> None:
    """Kill a run as a power cut would, just after the mail server has received this command."""
    while place.mail.given[stage].acquire(blocking=False):
        pass
    program = place.start(*arguments)
    assert place.mail.given[stage].acquire(timeout=60)
    program.kill()
    assert ended(program).code == -signal.SIGKILL


@pytest.mark.slow
def test_who_was_refused_is_sent_to_again_by_a_person_alone(tmp_path: Path) -> None:
    """One of three recipients is rejected: exit 1, now and later. Only `resolve` sends to that one, the same bytes.

    By then the API would answer differently, and is not called; the sender has changed, and no email is rewritten.
    """
    with office(tmp_path) as place:
        place.mail.refused = {CFO: "550 5.1.1 No such mailbox"}
        first = place.report(*TO_THREE, code=1)
        assert [delivery["status"] for delivery in first["deliveries"]] == ["accepted", "failed", "accepted"]
        assert (first["status"], first["error"]) == ("failed", first["deliveries"][1]["reply"])
        assert "550 5.1.1 No such mailbox" in first["error"]
        place.mail.refused, place.api.now = {}, NOW + timedelta(days=9)
        place.environment["HYPERREP_SMTP_FROM"] = "New Name <reports@acme.example>"
        asked, connections = len(place.api.asked), place.mail.connections
        again = place.report(*TO_THREE, code=1)
        assert (again["status"], place.readers(), place.mail.connections) == ("failed", [CEO, CTO], connections)
        assert "resolve 2 --resend" in again["error"]
        assert place.run("resolve", "2", "--resend").code == 0
        second = place.report(*TO_THREE)
        assert len(place.api.asked) == asked + 2
        verified = place.run("verify")
        pdfs = {parts(stored.wire)[3] for stored in place.mail.stored}
        assert place.readers() == [CEO, CTO, CFO]
        assert pdfs == {place.archived("report.pdf")}
        names = ("email.eml", "email-03.eml", "email-02.eml")
        assert [stored.wire for stored in place.mail.stored] == [place.archived(name) for name in names]
    assert (second["status"], second["pdf_sha256"]) == ("sent", first["pdf_sha256"])
    assert verified.code == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 8])
def test_runs_at_once_send_one_mail_to_each_reader(number: int, tmp_path: Path) -> None:
    """Of processes that make the same report at the same moment, one sends it, and the others see that it is sent."""
    with office(tmp_path) as place:
        programs = [place.start("--json", *TO_THREE) for _ in range(number)]
        ends = [ended(program) for program in programs]
        verified = place.run("verify")
        assert place.readers() == [CEO, CFO, CTO]
    assert [end.code for end in ends] == [0] * number, ends
    statuses = sorted(end.document["reports"][0]["status"] for end in ends)
    assert statuses == ["sent", *["skipped"] * (number - 1)]
    assert (verified.code, verified.err) == (0, "")


@pytest.mark.slow
def test_an_unknown_outcome_needs_a_person(tmp_path: Path) -> None:
    """The server takes the message and closes without a reply: exit 4 now and in later runs, and no second email."""
    with office(tmp_path) as place:
        place.mail.faults = {"DOT": [STORE_AND_HANG_UP]}
        first = place.report(*TO_CEO, code=4)
        connections = place.mail.connections
        again = [place.report(*TO_CEO, code=4) for _ in range(2)]
        assert (place.readers(), place.mail.connections) == ([CEO], connections)
        told = place.run(*TO_CEO)
    assert {report["status"] for report in (first, *again)} == {"unknown"}
    assert all(report["error"] for report in (first, *again))
    assert "Ask the recipient" in told.out


@pytest.mark.slow
def test_killed_while_the_server_has_the_mail(tmp_path: Path) -> None:
    """A run that dies between the last byte and the reply leaves an unknown state, which is never sent again."""
    with office(tmp_path) as place:
        place.mail.faults = {"DOT": [SILENCE]}
        kill_at(place, "DOT", *TO_CEO)
        assert place.report(*TO_CEO, code=4)["status"] == "unknown"
        assert place.readers() == [CEO]
        assert place.run("verify").code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [{"RCPT": ["451 4.7.1 Greylisted, come back"]}, {"DOT": ["452 4.3.1 Insufficient system storage"]}],
)
def test_what_passes_is_sent_when_its_time_has_come(faults: dict[str, list[str]], tmp_path: Path) -> None:
    """A temporary refusal: exit 75 and no retry before its time, then the same bytes."""
    with office(tmp_path) as place:
        place.mail.faults = dict(faults)
        deferred = place.report(*TO_CEO, code=75)
        wire, connections = place.archived("email.eml"), place.mail.connections
        early = place.report(*TO_CEO, code=75)
        assert (deferred["status"], early["status"], place.readers()) == ("deferred", "deferred", [])
        assert "not retried before" in early["error"]
        assert place.mail.connections == connections
        place.let_time_pass()
        place.api.now = NOW + timedelta(days=9)
        assert place.report(*TO_CEO)["status"] == "sent"
        assert [stored.wire for stored in place.mail.stored] == [wire] == [place.archived("email.eml")]


@pytest.mark.slow
def test_a_server_that_hangs_up_is_deferred(tmp_path: Path) -> None:
    """The server closes before the message: exit 75, and the next run of the same command sends it."""
    with office(tmp_path) as place:
        place.mail.faults = {"CONNECT": [HANG_UP] * 6}
        assert place.report(*TO_CEO, code=75)["status"] == "deferred"
        place.mail.faults = {}
        place.let_time_pass()
        assert place.report(*TO_CEO)["status"] == "sent"
        assert place.readers() == [CEO]


def test_a_server_that_is_not_there_is_deferred(tmp_path: Path) -> None:
    """Nothing listens at the server's port: the report is archived, its email deferred, and the reason reported."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with office(tmp_path) as place:
        place.environment["HYPERREP_SMTP_PORT"] = str(port)
        report = place.report(*TO_CEO, code=75)
        assert report["status"] == "deferred"
        assert "refused" in report["error"].lower()
        assert place.archived("report.pdf")


@pytest.mark.slow
def test_a_refused_login_is_told_and_shows_no_password(tmp_path: Path) -> None:
    """A wrong password: exit 1, a sentence that says what to set, without the password; the right one sends it."""
    with office(tmp_path, login=("reports", "not-the-password")) as place:
        done = place.run("--json", "-vv", *TO_CEO)
        (report,) = done.document["reports"]
        written = b"".join(path.read_bytes() for path in (tmp_path / "reports").rglob("*") if path.is_file())
        assert (done.code, report["status"], place.readers()) == (1, "failed", [])
        assert "HYPERREP_SMTP_PASSWORD" in report["error"]
        for told in (done.out, done.err, written.decode("utf-8", "replace")):
            assert "not-the-password" not in told
        place.environment["HYPERREP_SMTP_PASSWORD"] = LOGIN[1]
        assert place.report(*TO_CEO)["status"] == "sent"


@pytest.mark.slow
def test_a_damaged_receipt_stops_the_mail(tmp_path: Path) -> None:
    """If it cannot be known what was sent, nothing is sent: exit 1, and the sentence names the file."""
    with office(tmp_path) as place:
        place.report(*TO_CEO)
        (tmp_path / FOLDER / "receipt.json").write_text(json.dumps({"schema": 1, "deliveries": "many"}))
        report = place.report(*TO_CEO, code=1)
        assert f"{FOLDER}/receipt.json is damaged" in report["error"]
        assert place.readers() == [CEO]


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_completed_by_the_next(stop: signal.Signals, tmp_path: Path) -> None:
    """Interrupted while the mail server is silent, by hand or a service manager: 130, no partial file, one email."""
    with office(tmp_path) as place:
        place.mail.faults = {"RCPT": [SILENCE]}
        program = place.start("--json", *TO_CEO)
        assert place.mail.given["RCPT"].acquire(timeout=60)
        program.send_signal(stop)
        done = ended(program)
        assert (done.code, done.document["exit_code"]) == (130, 130)
        assert done.err.strip() == "hyperrep-report: Interrupted; the next run picks up where this one stopped."
        assert place.run("verify").code == 0
        assert not list((tmp_path / "reports").rglob("*.tmp"))
        place.mail.faults = {}
        assert place.report(*TO_CEO)["status"] == "sent"
        assert place.readers() == [CEO]
        assert place.run("verify").code == 0
