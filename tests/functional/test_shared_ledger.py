"""Machines that share only a ledger on a server: each email is sent once, by whichever is first."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.cut import DATA, DOT, Cut, Gate, cut_line
from tests.office import APRIL, CEO, CFO, CHEAP, Office, ended, kill, office
from tests.postgres import Postgres
from tests.smtp_server import SILENCE

pytestmark = pytest.mark.slow

TO_TWO = ("--json", *APRIL, "--to", CEO, "--to", CFO)
TO_CEO = ("--json", *APRIL, "--to", CEO)
HERE, THERE = ("--output", "here"), ("--output", "there")


@pytest.fixture
def place(tmp_path: Path, database: str) -> Iterator[Office]:
    """An operator's setup where each archive belongs to one machine, and the ledger is shared."""
    with office(tmp_path) as place:
        place.configure(CHEAP)
        place.environment["HYPERREP_LEDGER_URL"] = database
        yield place


@contextmanager
def line(place: Office) -> Iterator[Cut]:
    """A connection to the mail server that can be held."""
    with cut_line(place.mail.port) as cut:
        place.environment["HYPERREP_SMTP_PORT"] = str(cut.port)
        yield cut


def end_leases(database: str) -> None:
    """Expire every lease, as half an hour would."""
    with psycopg.connect(database) as ledger:
        ledger.execute("UPDATE deliveries SET lease_until = lease_until - interval '1 day'")


def status(ran: Sequence[str], place: Office, code: int = 0) -> str:
    """The status of the one report of a run that ends with this exit code."""
    return str(place.report(*ran, code=code)["status"])


def test_machines_at_once_send_one_mail_to_each_reader(place: Office) -> None:
    """Eight processes on two machines make the same report at the same moment: one email to each recipient."""
    programs = [place.start(*TO_TWO, *(HERE if number % 2 else THERE)) for number in range(8)]
    ends = [ended(program) for program in programs]
    assert sorted(place.readers()) == [CEO, CFO]
    # A process is told to retry later while another machine has the message, as its end is not known there.
    assert {end.code for end in ends} <= {0, 75}, ends
    for machine in (HERE, THERE):
        assert status((*TO_TWO, *machine), place) == "skipped"
    assert sorted(place.readers()) == [CEO, CFO]


def test_a_dead_machines_lease_is_taken_over_when_it_is_over(place: Office, database: str) -> None:
    """No machine claims a dead machine's message until the lease has expired; then one sends it, once."""
    place.mail.faults = {"RCPT": [SILENCE]}
    program = place.start(*TO_CEO, *HERE)
    assert place.mail.given["RCPT"].acquire(timeout=120)
    kill(program)
    assert status((*TO_CEO, *THERE), place, 75) == "deferred"
    assert place.readers() == []
    end_leases(database)
    assert status((*TO_CEO, *THERE), place) == "sent"
    assert status((*TO_CEO, *HERE), place) == "skipped"
    assert place.readers() == [CEO]


def test_a_live_machines_lease_is_respected(place: Office) -> None:
    """While a slow machine is sending, another leaves the message to it."""
    gate = Gate()
    with line(place) as cut:
        cut.at[DATA] = gate
        program = place.start(*TO_CEO, *HERE)
        assert gate.reached.wait(120)
        assert status((*TO_CEO, *THERE), place, 75) == "deferred"
        gate.opened.set()
        assert ended(program).document["reports"][0]["status"] == "sent"
    assert place.readers() == [CEO]


def test_a_machine_that_slept_too_long_sends_nothing(place: Office, database: str) -> None:
    """A machine paused beyond its lease, with half of the message sent, finds another's claim and sends no more."""
    gate = Gate()
    with line(place) as cut:
        cut.at[DATA] = gate
        program = place.start(*TO_CEO, *HERE)
        assert gate.reached.wait(120)
        end_leases(database)
        assert status((*TO_CEO, *THERE), place) == "sent"
        gate.opened.set()
        late = ended(program)
    assert (late.code, late.document["reports"][0]["status"]) == (75, "deferred")
    assert "another run took the message over" in late.out
    assert place.readers() == [CEO]
    assert status((*TO_CEO, *HERE), place) == "skipped"


def test_the_answer_outstanding_at_a_machines_death_is_everyones_doubt(place: Office, database: str) -> None:
    """A machine died before the server's reply: the state is unknown to all, and can be settled from any of them."""
    place.mail.faults = {"DOT": [SILENCE]}
    program = place.start(*TO_CEO, *HERE)
    assert place.mail.given["DOT"].acquire(timeout=120)
    kill(program)
    end_leases(database)
    assert status((*TO_CEO, *THERE), place, 4) == "unknown"
    told = place.run("history", "--json", "--state", "unknown", *THERE).document["deliveries"]
    assert [each["recipient"] for each in told] == [CEO]
    assert place.run("resolve", str(told[0]["id"]), "--sent", *THERE).code == 0
    assert status((*TO_CEO, *HERE), place) == "skipped"
    assert place.readers() == [CEO]


def test_every_command_asks_the_ledger_on_the_server(place: Office, tmp_path: Path) -> None:
    """`due`, `status`, `history`, `resolve`, and `doctor` create no ledger file and show no password."""
    place.configure(f'{CHEAP}[[reports]]\norganization = "Acme Roofing"\nperiod = "month"\nrecipients = ["{CEO}"]\n')
    ends = [
        place.run(*command)
        for command in (("due", "--json"), ("status", "--json"), ("history", "--json"), ("resolve",), ("doctor",))
    ]
    said = [end.out + end.err for end in ends]
    password = place.environment["HYPERREP_LEDGER_URL"].split(":")[2].partition("@")[0]
    assert not [each for each in said if password in each]
    assert json.loads(ends[0].out)["exit_code"] == ends[1].code == ends[2].code == ends[3].code == 0
    assert "postgresql+psycopg://postgres:***@127.0.0.1" in ends[4].out
    assert not list((tmp_path / "reports").rglob("ledger.sqlite3*"))


def test_a_ledger_that_is_not_there_stops_all_mail(place: Office) -> None:
    """Nothing could be recorded, so nothing is sent: exit 2; the sentence names the server and not the password."""
    done = place.run(*TO_CEO, HYPERREP_LEDGER_URL="postgresql://reports:hush-hush@127.0.0.1:1/ledger")
    assert (done.code, place.readers(), place.mail.connections) == (2, [], 0)
    assert "so nothing is sent, as it could not be recorded" in done.out + done.err
    assert "hush-hush" not in done.out + done.err


def test_a_ledger_that_goes_while_a_mail_is_sent_hides_nothing(
    place: Office, postgres: Postgres, database: str
) -> None:
    """The server's reply cannot be recorded any more: the run itself reports it as unknown, exit 4."""
    gate = Gate()
    with line(place) as cut:
        cut.at[DOT] = gate
        program = place.start(*TO_CEO, *HERE)
        assert gate.reached.wait(120)
        name = database.rpartition("/")[2]
        with psycopg.connect(postgres.url(), autocommit=True) as server:
            server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        gate.opened.set()
        done = ended(program)
    (report,) = done.document["reports"]
    assert (done.code, report["status"], place.readers()) == (4, "unknown", [CEO])
    assert "accepted (250 2.0.0 Ok: queued as 1A2B), but the ledger could not record it" in report["error"]


def test_an_archive_moves_to_a_ledger_on_a_server_by_a_persons_word(place: Office) -> None:
    """An archive's emails are in its own file: the other ledger sends nothing until it has read the receipts."""
    url = place.environment.pop("HYPERREP_LEDGER_URL")
    assert status(TO_CEO, place) == "sent"
    place.environment["HYPERREP_LEDGER_URL"] = url
    refused = place.run(*TO_CEO)
    assert (refused.code, "resolve --from-receipts" in refused.err) == (2, True)
    assert place.run("resolve", "--from-receipts").code == 0
    assert status(TO_CEO, place) == "skipped"
    assert place.readers() == [CEO]
