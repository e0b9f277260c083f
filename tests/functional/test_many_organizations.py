"""Many organizations in one run: each has its own folder, email, and errors, and the run can be interrupted."""

import json
import re
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from pathlib import Path

import pytest

from reporter.sandbox.world import EXPIRED_KEY, INACTIVE_KEY
from tests.office import CEO, Office, editions, ended, office, parts
from tests.tiers import first_is_fast
from tests.watched_api import ACME, WORLD, Instead, Request

THREE = ("Acme Roofing", "Corner Bakery", "Not Yet Open GmbH")
FOR_THREE = ("--period", "month", "--to", CEO, *(word for name in THREE for word in ("--org", name)))
EVERYONE = ("--all-orgs", "--period", "month", "--to", CEO)
BAKERY = next(each for each in WORLD.organizations if each.name == "Corner Bakery")
FAILING = Instead(500)


def failing(fails: Callable[[Request], bool]) -> Callable[[Request], Instead | None]:
    """An API that keeps answering some requests with 500."""
    return lambda request: FAILING if fails(request) else None


def impatient(place: Office) -> None:
    """Shorten the retries of a request, but not below what a busy machine needs."""
    place.configure("[api]\nbudget = 5\n")


@pytest.mark.slow
def test_every_organization_has_its_own_folder_and_mail(tmp_path: Path) -> None:
    """All of the sandbox's: two of one name, one without activity, one of extreme length, and one that is an attack."""
    with office(tmp_path) as place:
        done = place.run("--json", *EVERYONE)
        verified = place.run("verify")
        wires = [stored.wire for stored in place.mail.stored]
        assert (place.readers(), place.mail.connections) == ([CEO] * 14, 1)
    reports = done.document["reports"]
    assert (done.code, done.document["counts"]["sent"], verified.code) == (0, 14, 0)
    assert [report["organization_id"] for report in reports] == [each.id for each in WORLD.organizations]
    assert len({report["message_id"] for report in reports}) == 14
    folders = [path.parent for path in (tmp_path / "reports").glob("*/organization.json")]
    assert len(folders) == 14
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folder.name) and len(folder.name) < 70 for folder in folders)
    assert {path.name for path in tmp_path.iterdir()} == {"authority.pem", "reports"}
    for report in reports:
        owner = json.loads((tmp_path / report["pdf"]).parents[2].joinpath("organization.json").read_bytes())
        assert owner == {"id": report["organization_id"], "name": report["organization"]}
        pdf = (tmp_path / report["pdf"]).read_bytes()
        assert [wire for wire in wires if parts(wire)[3] == pdf] == [(tmp_path / report["email"]).read_bytes()]


@pytest.mark.slow
def test_an_attack_in_a_name_stays_a_name(tmp_path: Path) -> None:
    """Markup, template code, a path, and a header in an organization's name are text in its email and file name."""
    hostile = next(each for each in WORLD.organizations if "<script>" in each.name)
    with office(tmp_path) as place:
        place.report("--org", hostile.id, "--period", "month", "--to", CEO)
        (wire,) = (stored.wire for stored in place.mail.stored)
        assert place.readers() == [CEO]
    message = message_from_bytes(wire, policy=policy.default)
    text, markup, name, _ = parts(wire)
    assert (message["Bcc"], message["To"]) == (None, CEO)
    assert "<script" not in markup
    assert "{{7*7}}" in text
    assert not set('<>:"/\\|?*\u202e') & set(name)


def test_one_organizations_trouble_is_its_own(tmp_path: Path) -> None:
    """The API fails for one organization: its report fails with the reason, the others are sent, exit 1."""
    with office(tmp_path) as place:
        impatient(place)
        place.api.instead = failing(lambda request: request.organization == BAKERY.id)
        done = place.run("--json", *FOR_THREE)
        assert place.readers() == [CEO, CEO]
        assert place.run("verify").code == 0
        acme, bakery, other = done.document["reports"]
        assert (done.code, acme["status"], bakery["status"], other["status"]) == (1, "sent", "failed", "sent")
        assert "500" in bakery["error"]
        assert (bakery["pdf"], bakery["message_id"], bakery["deliveries"]) == (None, None, [])
        assert len(editions(tmp_path / "reports")) == 2
        place.api.instead = failing(lambda _request: False)
        again = place.run("--json", *FOR_THREE)
        assert again.document["counts"] | {"sent": 1, "skipped": 2} == again.document["counts"]
        assert (again.code, place.readers()) == (0, [CEO] * 3)


@pytest.mark.slow
def test_an_organization_that_is_refused_fails_alone(tmp_path: Path) -> None:
    """An answer that lacks a required field names the field, and stops only its own report."""
    with office(tmp_path) as place:
        broken = Instead(200, b'{"pipeline": []}', ((b"content-type", b"application/json"),))
        place.api.instead = lambda request: (
            broken if (request.organization, request.endpoint) == (BAKERY.id, "analytics/sales") else None
        )
        done = place.run("--json", *FOR_THREE)
    acme, bakery, other = done.document["reports"]
    assert (done.code, acme["status"], bakery["status"], other["status"]) == (1, "sent", "failed", "sent")
    assert "salesRate" in bakery["error"]


@pytest.mark.slow
def test_a_window_that_only_draws_a_line_is_not_needed(tmp_path: Path) -> None:
    """If an early window cannot be read, the report is sent with a gap in its chart, and a warning says so."""
    with office(tmp_path) as place:
        impatient(place)
        place.api.instead = failing(lambda request: request.query.get("start_date", "").startswith("2025-09"))
        done = place.run("--json", "--org", ACME.name, "--period", "month", "--to", CEO)
        answers = json.loads((tmp_path / done.document["reports"][0]["pdf"]).with_name("report.json").read_bytes())
        assert place.run("verify").code == 0
    assert (done.code, done.document["counts"]["sent"]) == (0, 1)
    assert [answer is None for answer in answers["answers"]].count(True) == 1
    assert "history.unavailable" in done.err


@pytest.mark.parametrize("what", first_is_fast(["the figures", "everything"]))
def test_an_api_that_fails_altogether_is_exit_code_3(what: str, tmp_path: Path) -> None:
    """Nothing can be read for any organization: exit 3, nothing is sent, and no report is in the archive."""
    with office(tmp_path) as place:
        impatient(place)
        place.api.instead = failing(lambda request: bool(request.organization) or what == "everything")
        done = place.run("--json", *FOR_THREE)
        assert place.mail.connections == 0
    assert (done.code, done.document["exit_code"]) == (3, 3)
    assert [report["status"] for report in done.document["reports"]] == ["failed"] * (3 if what == "the figures" else 0)
    assert editions(tmp_path / "reports") == []
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_an_api_that_is_not_there_is_exit_code_3(tmp_path: Path) -> None:
    """Nothing listens at the API's address: one sentence with the host and what to check."""
    with office(tmp_path) as place:
        impatient(place)
        done = place.run("--json", *FOR_THREE, HYPERREP_API_URL="http://127.0.0.1:9")
    assert (done.code, done.document["reports"]) == (3, [])
    assert done.err.splitlines()[-1] == f"hyperrep-report: {done.document['error']}"
    assert "HYPERREP_API_URL" in done.document["error"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "word"),
    [("hr_no_such_key", "not know this key"), (INACTIVE_KEY, "inactive"), (EXPIRED_KEY, "expired")],
)
def test_a_refused_key_is_exit_code_3(key: str, word: str, tmp_path: Path) -> None:
    """Each error about a key is a distinct sentence, which does not show the key."""
    with office(tmp_path) as place:
        done = place.run("--json", *FOR_THREE, HYPERREP_API_KEY=key)
    assert (done.code, done.document["exit_code"], done.document["reports"]) == (3, 3, [])
    assert word in done.document["error"]
    assert done.err == f"hyperrep-report: {done.document['error']}\n"
    assert key not in done.out + done.err


@pytest.mark.slow
def test_the_api_is_compared_with_the_clock_of_the_machine(tmp_path: Path) -> None:
    """With a pinned clock, the run still reports how far the machine's own clock is ahead of the API's."""
    earlier = format_datetime(datetime.now(UTC) - timedelta(hours=2, minutes=10), usegmt=True).encode()
    refusal = Instead(400, b'{"detail": "end_date cannot be in the future"}', ((b"date", earlier),))
    with office(tmp_path) as place:
        place.api.instead = lambda request: refusal if request.endpoint.startswith("analytics") else None
        report = place.report("--org", "Acme Roofing", "--no-email", code=1)
    assert "this machine's clock is 2 hours ahead of the API's" in report["error"]


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_is_completed_by_the_next(stop: signal.Signals, tmp_path: Path) -> None:
    """Interrupted after its first email: exit 130, no partial file; the next run sends the rest, nothing twice."""
    with office(tmp_path) as place:
        program = place.start("--json", *EVERYONE)
        assert place.mail.given["DOT"].acquire(timeout=60)
        program.send_signal(stop)
        done = ended(program)
        assert (done.code, done.document["reports"]) == (130, [])
        assert "Traceback" not in done.err
        verified = place.run("verify")
        before = len(place.readers())
        again = place.run("--json", *EVERYONE)
        assert len(place.readers()) == 14
        assert (verified.code, again.code) == (0, 0)
        assert again.document["counts"]["sent"] == 14 - before
        assert place.run("verify").code == 0
        assert not list((tmp_path / "reports").rglob("*.tmp"))
