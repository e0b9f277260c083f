"""Operators are alerted to errors, once through each channel, and nobody else is: the command over real sockets."""

import signal
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from reporter.sandbox.world import EXPIRED_KEY
from tests.listening import SECRET, Listener, listening
from tests.office import APRIL, CEO, LOGIN, Ended, Office, ended, office, words
from tests.smtp_server import SILENCE
from tests.watched_api import ACME, BEFORE_ANY_ANSWER, WORLD, Instead, Request

OPS = "ops@acme.example"
TO_CEO = (*APRIL, "--to", CEO)
BAKERY = next(each for each in WORLD.organizations if each.name == "Corner Bakery")
FOR_TWO = (*TO_CEO, "--org", BAKERY.name)


def staffed(place: Office, listener: Listener | None = None) -> None:
    """Configure operators: a mailbox and, where there is a listener, a service and a heartbeat."""
    place.configure(f'[api]\nbudget = 5\n[ops]\nrecipients = ["{OPS}"]\n')
    if listener:
        place.environment["HYPERREP_OPS_URLS"] = f"\n{listener.service}\n"
        place.environment["HYPERREP_HEARTBEAT_URL"] = listener.heartbeat


def failing(organization: str, status: int = 500) -> Callable[[Request], Instead | None]:
    """An API that fails for one organization."""
    return lambda request: Instead(status) if request.organization == organization else None


def notices(place: Office) -> list[EmailMessage]:
    """The emails that operators got."""
    wires = [stored.wire for stored in place.mail.stored if stored.recipients == (OPS,)]
    return [message_from_bytes(wire, policy=policy.default) for wire in wires]


def refuse_secrets(done: Ended) -> None:
    """Fail if a secret is in the program's output."""
    assert SECRET not in done.out + done.err
    assert LOGIN[1] not in done.out + done.err


def test_a_good_run_beats_and_tells_nobody(tmp_path: Path) -> None:
    """The heartbeat gets start and success; operators get no alert, and nothing about alerts is stored."""
    with office(tmp_path) as place, listening() as listener:
        staffed(place, listener)
        done = place.run("-vv", *TO_CEO)
        assert (done.code, place.readers()) == (0, [CEO])
    assert listener.beats == [("/start", ""), ("", "exit code 0\n")]
    assert listener.notices == []
    assert not list((tmp_path / "reports" / ".state").glob("notices*"))
    refuse_secrets(done)


@pytest.mark.slow
def test_trouble_is_told_once_and_so_is_its_end(tmp_path: Path) -> None:
    """One organization fails: one alert on each channel, none after the next run, and one when all is well again."""
    with office(tmp_path) as place, listening() as listener:
        staffed(place, listener)
        place.api.instead = failing(BAKERY.id)
        first, second = place.run("-vv", *FOR_TWO), place.run(*FOR_TWO)
        (mail,) = notices(place)
        place.api.instead = failing("nobody")
        third = place.run(*FOR_TWO)
        assert (first.code, second.code, third.code) == (1, 1, 0)
        assert place.readers() == [CEO, OPS, CEO, OPS]
        _, over = notices(place)
    assert (mail["Subject"], mail["To"]) == ("hyperrep-report: problems with 1 report", OPS)
    assert mail["Message-ID"] != over["Message-ID"]
    text = mail.get_content()
    assert mail.get_content_type() == "text/plain"
    assert "ended with exit code 1." in text
    assert "- Corner Bakery, month 2026-04: " in text
    assert "What to do: " in text
    assert ACME.name not in text
    assert over["Subject"] == "hyperrep-report: all problems are fixed"
    assert "- Corner Bakery, month 2026-04" in over.get_content()
    assert [notice["title"] for notice in listener.notices] == [mail["Subject"], over["Subject"]]
    assert [notice["type"] for notice in listener.notices] == ["failure", "success"]
    assert words(listener.notices[0]["message"]) == words(text)
    assert [step for step, _ in listener.beats] == ["/start", "/fail", "/start", "/fail", "/start", ""]
    for done in (first, second, third):
        refuse_secrets(done)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "reports").rglob("*") if path.is_file())
    assert SECRET.encode() not in kept


@pytest.mark.slow
def test_where_the_mail_server_is_the_trouble_the_service_tells_of_it(tmp_path: Path) -> None:
    """A refused login: nothing is sent, exit 1, and operators are alerted through the remaining channel."""
    with office(tmp_path, login=("reports", "wrong-password")) as place, listening() as listener:
        staffed(place, listener)
        done = place.run(*TO_CEO)
        assert (done.code, place.mail.stored) == (1, [])
    (notice,) = listener.notices
    assert CEO in notice["message"]
    assert "refused the login" in notice["message"]
    assert "alert.failed" in done.err
    assert "channel=email" in done.err
    assert listener.beats[-1] == ("/fail", "exit code 1\n")
    assert "wrong-password" not in done.err + str(listener.calls)


@pytest.mark.slow
@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_service_and_a_heartbeat_that_fail_change_nothing(tmp_path: Path, status: int) -> None:
    """Errors and redirects are logged without an address, and not followed; email and exit code are unaffected."""
    statuses = {f"/{SECRET}/start": status, f"/{SECRET}/fail": status, f"/hook-{SECRET}": status}
    with office(tmp_path) as place, listening(statuses) as listener:
        staffed(place, listener)
        place.api.instead = failing(ACME.id)
        done = place.run("-v", "--log-format", "json", *TO_CEO)
        assert (done.code, len(notices(place))) == (3, 1)
    assert [step for step, _ in listener.beats] == ["/start", "/start", "/fail", "/fail"]
    assert done.err.count("heartbeat.failed") == 2
    assert done.err.count("alert.failed") == 1
    assert not [path for path, _ in listener.calls if path == "/elsewhere"]
    refuse_secrets(done)


@pytest.mark.slow
def test_what_reached_nobody_is_told_after_the_next_run(tmp_path: Path) -> None:
    """If no channel to the operators works, the next run sends the undelivered alert."""
    with office(tmp_path) as place:
        staffed(place)
        place.api.instead = failing(ACME.id, 400)
        place.mail.refused[OPS] = "550 5.1.1 no such operator"
        first = place.run(*TO_CEO)
        place.mail.refused.clear()
        second = place.run(*TO_CEO)
        assert (first.code, second.code, len(notices(place))) == (1, 1, 1)
    assert "alert.failed" in first.err
    assert "alert.failed" not in second.err


def test_a_refused_key_is_told(tmp_path: Path) -> None:
    """No report can start: exit 3, an alert that says so without the key, and a failed heartbeat with the code."""
    with office(tmp_path) as place, listening() as listener:
        staffed(place, listener)
        done = place.run(*TO_CEO, HYPERREP_API_KEY=EXPIRED_KEY)
        (mail,) = notices(place)
        assert (done.code, place.readers()) == (3, [OPS])
    text = mail.get_content()
    assert mail["Subject"] == "hyperrep-report: the run failed"
    assert "key" in text
    assert EXPIRED_KEY not in text + done.err
    assert listener.beats == [("/start", ""), ("/fail", "exit code 3\n")]


@pytest.mark.slow
def test_an_unusable_ledger_is_told_once(tmp_path: Path) -> None:
    """Nothing is sent, as it could not be recorded; that operators were alerted is recorded beside the ledger."""
    ledger = tmp_path / "reports" / ".state" / "ledger.sqlite3"
    ledger.parent.mkdir(parents=True)
    ledger.write_bytes(b"no database" * 1000)
    with office(tmp_path) as place:
        staffed(place)
        codes = [place.run(*TO_CEO).code for _ in range(2)]
        assert (codes, place.readers()) == ([2, 2], [OPS])
        (mail,) = notices(place)
    assert "ledger.sqlite3 cannot be used" in mail.get_content()


@pytest.mark.slow
def test_a_mail_in_doubt_is_told_until_it_is_settled(tmp_path: Path) -> None:
    """Killed before the server's reply: the next run alerts once that the outcome is unknown, and what to do."""
    with office(tmp_path) as place:
        staffed(place)
        place.mail.faults = {"DOT": [SILENCE]}
        program = place.start(*TO_CEO)
        assert place.mail.given["DOT"].acquire(timeout=60)
        program.kill()
        ended(program)
        codes = [place.run(*TO_CEO).code for _ in range(2)]
        (mail,) = notices(place)
        assert codes == [4, 4]
    text = mail.get_content()
    assert "Delivery is uncertain" in text
    assert "`hyperrep-report resolve`" in text
    assert CEO in text


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_fails_its_heartbeat(stop: signal.Signals, tmp_path: Path) -> None:
    """Interrupted while the API is silent: the heartbeat gets exit 130, and no alert reports a person's action."""
    with office(tmp_path) as place, listening() as listener:
        staffed(place, listener)
        place.api.instead = lambda request: Instead(200, BEFORE_ANY_ANSWER) if request.endpoint else None
        program = place.start(*TO_CEO)
        while not place.api.asked:
            assert program.poll() is None
            with suppress(TimeoutError):
                place.mail.may_answer.wait(0.01)
        program.send_signal(stop)
        done = ended(program)
        assert (done.code, place.mail.stored) == (130, [])
    assert listener.beats == [("/start", ""), ("/fail", "exit code 130\n")]
    assert listener.notices == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "beats", "code"), [(("--demo",), 0, 0), (("--dry-run",), 0, 1), (("--no-email",), 2, 1)]
)
def test_what_sends_nothing_tells_nobody(tmp_path: Path, options: tuple[str, ...], beats: int, code: int) -> None:
    """A demo and a dry run contact no operator; a run without email sends heartbeats, and no alerts."""
    with office(tmp_path) as place, listening() as listener:
        staffed(place, listener)
        place.api.instead = failing(ACME.id, 400)
        done = place.run(*APRIL, "--to", CEO, *options)
        assert (done.code, place.mail.stored) == (code, [])
    assert (len(listener.beats), listener.notices) == (beats, [])
