"""Delivery by programs that are killed, or run twice at once, against a real mail server."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reporter.delivery.channel import DeliveryStatus
from tests.office import let_time_pass
from tests.smtp_server import SILENCE, STORE_AND_HANG_UP, SmtpServer, smtp_server

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys, uuid
from datetime import UTC, datetime
from pathlib import Path
from reporter.delivery.message import prepare
from reporter.delivery.smtp.smtp_channel import SmtpChannel
from reporter.delivery.smtp.smtp_settings import Security, SmtpSettings
from reporter.delivery_service import deliver
from reporter.domain.mailbox import Mailbox
from reporter.ledger.opening import open_ledger
from tests.unit.delivery.mails import MAIL, SENDER, key_of

port, archive = int(sys.argv[1]), Path(sys.argv[2])
clock = lambda: datetime.now(UTC)
channel = SmtpChannel(SmtpSettings("127.0.0.1", port, Security.NONE, SENDER), clock)
to = Mailbox("", "ceo@acme.example")
outgoing = prepare(MAIL, key_of(to.address), "email.eml", sender=SENDER, to=to)
with open_ledger(archive, None, run=uuid.uuid4().hex, clock=clock, sends=True) as book:
    book.plan([outgoing.key], "Acme Roofing")
    delivery = deliver(outgoing, book, channel)
channel.close()
sys.stderr.write(delivery.status)
"""


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    """A relay on this machine."""
    with smtp_server() as running:
        yield running


def start(server: SmtpServer, archive: Path) -> subprocess.Popen[str]:
    """A program that delivers April's mail to one recipient."""
    command = [sys.executable, "-c", PROGRAM, str(server.port), str(archive)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def run(server: SmtpServer, archive: Path) -> str:
    """The result of delivery, in a program that runs to its end."""
    return outcome(start(server, archive))


def outcome(program: subprocess.Popen[str]) -> str:
    """The status that the program reports when it ends."""
    _, said = program.communicate()
    assert program.returncode == 0, said
    return said


def kill(program: subprocess.Popen[str]) -> None:
    """Kill the program as a power cut would."""
    program.send_signal(signal.SIGKILL)
    program.communicate()
    assert program.returncode == -signal.SIGKILL


def wait_for(server: SmtpServer, verb: str) -> None:
    """Wait until the server has received a command."""
    assert server.given[verb].acquire(timeout=60)


def test_killed_between_commit_and_settle(server: SmtpServer, tmp_path: Path) -> None:
    """Killed after the final dot and before the reply: the state is unknown, and the email is never sent again."""
    server.faults = {"DOT": [SILENCE]}
    program = start(server, tmp_path)
    wait_for(server, "DOT")
    kill(program)
    assert [run(server, tmp_path) for _ in range(2)] == [DeliveryStatus.UNKNOWN] * 2
    assert (len(server.stored), server.connections) == (1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_killed_before_the_commit(server: SmtpServer, tmp_path: Path, stage: str) -> None:
    """Killed at any stage before the final dot is committed: the next run sends the email, once."""
    server.faults = {stage: [SILENCE]}
    program = start(server, tmp_path)
    wait_for(server, stage)
    kill(program)
    assert [run(server, tmp_path) for _ in range(2)] == [DeliveryStatus.ACCEPTED] * 2
    assert len(server.stored) == 1


@pytest.mark.slow
def test_no_answer_is_never_sent_again(server: SmtpServer, tmp_path: Path) -> None:
    """If the server takes the message and closes without a reply, the state stays unknown in this run and the next."""
    server.faults = {"DOT": [STORE_AND_HANG_UP]}
    assert [run(server, tmp_path) for _ in range(2)] == [DeliveryStatus.UNKNOWN] * 2
    assert len(server.stored) == 1


@pytest.mark.slow
def test_a_deferred_mail_goes_out_when_its_time_has_come(server: SmtpServer, tmp_path: Path) -> None:
    """A deferred email is not retried before its time, and is then sent by the next run."""
    server.faults = {"DOT": ["451 4.7.1 greylisted"]}
    outcomes = [run(server, tmp_path) for _ in range(2)]
    assert (outcomes, server.connections) == ([DeliveryStatus.DEFERRED] * 2, 1)
    let_time_pass(tmp_path)
    assert [run(server, tmp_path) for _ in range(2)] == [DeliveryStatus.ACCEPTED] * 2
    assert len(server.stored) == 1


@pytest.mark.slow
def test_programs_at_once_send_one_mail(server: SmtpServer, tmp_path: Path) -> None:
    """While one program waits for the server's reply, others with the same email are told to retry later."""
    server.may_answer.clear()
    first = start(server, tmp_path)
    wait_for(server, "DOT")
    assert [run(server, tmp_path) for _ in range(2)] == [DeliveryStatus.SENDING] * 2
    server.may_answer.set()
    assert (outcome(first), run(server, tmp_path)) == (DeliveryStatus.ACCEPTED, DeliveryStatus.ACCEPTED)
    assert (len(server.stored), server.connections) == (1, 1)
