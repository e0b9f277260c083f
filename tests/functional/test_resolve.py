"""`hyperrep-report resolve`: unknown states and a lost ledger are settled by a person, over real sockets."""

import io
import shutil
import sqlite3
from contextlib import closing, redirect_stdout
from pathlib import Path

import pytest

from reporter.cli import run
from reporter.ledger.opening import LEDGER
from tests.office import APRIL, CEO, CFO, FOLDER, Office, held_ledger, office
from tests.smtp_server import HANG_UP, SILENCE, STORE_AND_HANG_UP
from tests.tiers import first_is_fast

TO_CEO = (*APRIL, "--to", CEO)
MARCH = (*TO_CEO, "--as-of", "2026-04-10")


def lose_ledger(place: Office) -> None:
    """Delete the ledger."""
    for path in (place.folder / "reports" / ".state").glob(f"{LEDGER}*"):
        path.unlink()


def kill_at(place: Office, stage: str, *arguments: str) -> None:
    """Kill a run just after the mail server has received this command."""
    while place.mail.given[stage].acquire(blocking=False):
        pass
    program = place.start(*arguments)
    assert place.mail.given[stage].acquire(timeout=120)
    program.kill()
    program.communicate()


@pytest.mark.parametrize("is_stored", first_is_fast([True, False]))
def test_a_doubt_is_settled_by_a_person(tmp_path: Path, *, is_stored: bool) -> None:
    """The list reports the unknown state with exit 4; a person resends the same bytes, or marks it never to be sent."""
    with office(tmp_path) as place:
        place.mail.faults = {"DOT": [STORE_AND_HANG_UP if is_stored else HANG_UP]}
        first = place.report(*TO_CEO, code=4)
        asked = place.run("resolve")
        settled = place.run("resolve", "1", "--sent" if is_stored else "--resend", "--note", "asked them")
        after = place.report(*TO_CEO)
        (stored,) = place.mail.stored
        assert stored.wire == place.archived("email.eml")
        story = place.run("history", "1", "--json").document
    assert (asked.code, asked.err) == (4, "")
    assert "    1  Acme Roofing, month 2026-04: ceo@acme.example: unknown" in asked.out
    assert first["message_id"] in asked.out
    assert (settled.code, settled.err) == (0, "")
    assert (after["status"], after["message_id"]) == ("skipped" if is_stored else "sent", first["message_id"])
    states = [event["state"] for event in story["events"]]
    assert states[:4] == ["planned", "claimed", "sending", "unknown"]
    assert states[4:] == (["accepted"] if is_stored else ["planned", "claimed", "sending", "accepted"])
    verb = "confirmed" if is_stored else "decided"
    assert story["events"][4]["note"].endswith(f"as an operator {verb}: asked them")


def test_whoever_reads_the_list_slowly_keeps_no_run_from_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the list is printed, which a pager may hold up for hours, the ledger can be written."""
    with office(tmp_path) as place:
        place.mail.faults = {"DOT": [HANG_UP]}
        place.report(*TO_CEO, code=4)
        monkeypatch.chdir(tmp_path)
        terminal = _Terminal(tmp_path / "reports")
        with redirect_stdout(terminal):
            assert run(["resolve"]) == 4
        assert "unknown" in terminal.getvalue()


class _Terminal(io.StringIO):
    """Standard output that writes to the ledger whenever it is written to."""

    def __init__(self, archive: Path) -> None:
        super().__init__()
        self._archive = archive

    def write(self, text: str) -> int:
        held_ledger(self._archive, patience=0).close()
        return super().write(text)


@pytest.mark.slow
def test_an_old_doubt_is_told_by_every_run_that_sends(tmp_path: Path) -> None:
    """Another month's run exits with 4 and names it, in document, summary, and under --quiet, until it is settled."""
    with office(tmp_path) as place:
        place.mail.faults = {"DOT": [STORE_AND_HANG_UP]}
        doubtful = place.run("--json", *MARCH)
        later = place.run("--json", *TO_CEO)
        told = place.run(*TO_CEO)
        quiet = place.run("-q", *TO_CEO)
        unsent = place.run("--json", *APRIL, "--no-email")
        place.run("resolve", "1", "--sent")
        settled = place.run("--json", *TO_CEO)
    assert (doubtful.code, doubtful.document["unresolved"]) == (4, [])
    assert (later.code, later.document["exit_code"], later.document["reports"][0]["status"]) == (4, 4, "sent")
    (record,) = later.document["unresolved"]
    assert (record["id"], record["label"], record["recipient"], record["state"]) == (1, "2026-03", CEO, "unknown")
    line = "  hyperrep-report resolve 1 --sent|--resend  (Acme Roofing, month 2026-03: ceo@acme.example)"
    assert (told.code, line in told.out.splitlines()) == (4, True)
    assert (quiet.code, quiet.out, line in quiet.err.splitlines()) == (4, "", True)
    assert (unsent.code, settled.code, settled.document["unresolved"]) == (0, 0, [])


@pytest.mark.slow
def test_a_mail_that_was_replaced_is_said_to_be(tmp_path: Path) -> None:
    """A request to resend an earlier revision reports the later one, which the next run sends."""
    with office(tmp_path) as place:
        place.mail.refused = {CFO: "550 5.1.1 no such user"}
        place.report(*TO_CEO, "--to", CFO, code=1)
        place.report(*TO_CEO, "--force", "late answers came in")
        place.mail.refused = {}
        asked = place.run("resolve", "2", "--resend")
        sent = place.report(*APRIL, "--to", CFO)
        assert place.readers() == [CEO, CEO, CFO]
    assert (asked.code, "replaced by a later revision" in asked.out) == (0, True)
    assert (sent["status"], sent["deliveries"][0]["status"]) == ("sent", "accepted")


@pytest.mark.slow
def test_a_lost_ledger_is_made_anew(tmp_path: Path) -> None:
    """Without a ledger nothing is sent; rebuilt from the receipts, it allows only the emails not sent before."""
    with office(tmp_path) as place:
        place.report(*TO_CEO)
        lose_ledger(place)
        refused = place.run(*TO_CEO)
        listed = place.run("resolve", "--from-receipts", "--dry-run")
        still = place.run(*TO_CEO)
        mended = place.run("resolve", "--from-receipts")
        again = place.report(*TO_CEO, "--to", CFO)
        assert place.readers() == [CEO, CFO]
    assert (refused.code, "resolve --from-receipts" in refused.err) == (2, True)
    assert (listed.code, listed.out.splitlines()) == (
        0,
        [
            "Acme Roofing, month 2026-04: ceo@acme.example: accepted",
            "Emails in the archive: 1, to be recorded: 1.",
        ],
    )
    assert still.code == 2
    assert (mended.code, mended.out.splitlines()[1:]) == (
        0,
        ["Emails in the archive: 1, recorded: 1.", "No email needs to be resolved."],
    )
    assert [delivery["status"] for delivery in again["deliveries"]] == ["accepted", "accepted"]


@pytest.mark.slow
def test_a_rehearsal_s_mail_to_a_former_reader_is_no_doubt(tmp_path: Path) -> None:
    """What was only written is reported as such, also when its recipient was removed before the next run."""
    with office(tmp_path) as place:
        place.report(*TO_CEO, "--to", CFO, "--dry-run")
        place.report(*TO_CEO)
        lines = {line["recipient"]: line["status"] for line in place.receipt()["deliveries"]}
        lose_ledger(place)
        mended = place.run("resolve", "--from-receipts")
        sent = place.report(*TO_CEO, "--to", CFO)
        assert place.readers() == [CEO, CFO]
    assert lines == {CEO: "accepted", CFO: "outbox"}
    assert (mended.code, sent["status"]) == (0, "sent"), mended


@pytest.mark.slow
@pytest.mark.parametrize("status", ["accepted", "sending"])
def test_an_older_ledger_learns_what_it_has_forgotten(status: str, tmp_path: Path) -> None:
    """A ledger restored from before an email was sent, or was being sent, stops that report until it is corrected."""
    state = tmp_path / "reports" / ".state"
    with office(tmp_path) as place:
        place.report(*MARCH)
        shutil.copy(state / LEDGER, tmp_path / "older")
        place.report(*TO_CEO)
        lose_ledger(place)
        shutil.copy(tmp_path / "older", state / LEDGER)
        receipt = tmp_path / FOLDER / "receipt.json"
        receipt.write_text(receipt.read_text("utf-8").replace('"accepted"', f'"{status}"'), "utf-8")
        refused = place.report(*TO_CEO, code=1)
        place.run("resolve", "--from-receipts")
        again = place.report(*TO_CEO, code=0 if status == "accepted" else 4)
        assert again["status"] == ("skipped" if status == "accepted" else "unknown")
        assert place.readers() == [CEO, CEO]
    assert "resolve --from-receipts" in refused["error"]


@pytest.mark.slow
def test_a_mail_that_may_have_been_sent_is_not_made_sendable(tmp_path: Path) -> None:
    """Deferred once, then killed while sending, and the ledger is lost: the state is reported as unknown."""
    with office(tmp_path) as place:
        place.mail.faults = {"RCPT": ["451 4.7.1 come back later"], "DATA": [SILENCE]}
        place.report(*TO_CEO, code=75)
        assert place.receipt()["deliveries"][0]["status"] == "deferred"
        put_forward(place)
        kill_at(place, "DATA", *TO_CEO)
        lose_ledger(place)
        mended = place.run("resolve", "--from-receipts")
        assert place.report(*TO_CEO, code=4)["deliveries"][0]["status"] == "unknown"
        assert place.readers() == []
    assert mended.code == 4
    assert "1  Acme Roofing, month 2026-04: ceo@acme.example: unknown" in mended.out


def put_forward(place: Office) -> None:
    """Make a deferred email due."""
    with closing(sqlite3.connect(place.folder / "reports" / ".state" / LEDGER)) as ledger, ledger:
        ledger.execute("UPDATE deliveries SET next_try = '2000-01-01 00:00:00.000000'")


@pytest.mark.slow
def test_a_damaged_receipt_stops_it(tmp_path: Path) -> None:
    """The file is named and the rest is ignored: the file could hide an email that was sent."""
    with office(tmp_path) as place:
        place.report(*TO_CEO)
        (tmp_path / FOLDER / "receipt.json").write_text("{")
        lose_ledger(place)
        done = place.run("resolve", "--from-receipts")
        assert place.run(*TO_CEO).code == 2
    assert done.code == 1
    assert f"{FOLDER}/receipt.json is damaged" in done.err


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, which is empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["1"], "give --sent or --resend"),
        (["--sent"], "The IDs of the emails are missing"),
        (["1", "--sent", "--resend"], "contradict each other"),
        (["1", "--from-receipts"], "without ID"),
        (["--dry-run"], "works only with --from-receipts"),
        (["x", "--sent"], "'x' is not a valid integer"),
        (["1", "--sent"], "reports has no ledger"),
        (["--from-receipts"], "reports is no archive"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    arguments: list[str], sentence: str, capfd: pytest.CaptureFixture[str], empty: Path
) -> None:
    """Exit 2 and a sentence, before anything is written or changed."""
    assert run(["resolve", *arguments]) == 2
    assert sentence in capfd.readouterr().err
    assert list(empty.iterdir()) == []
