"""Delivery by programs that are killed, or run twice at once, against a real mail server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reporter.delivery.interface import DeliveryStatus
from tests.smtp_server import SILENCE, STORE_AND_HANG_UP, SmtpServer, smtp_server

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from pathlib import Path
from reporter.delivery.deliver import deliver, prepare
from reporter.delivery.receipt import ReceiptLedger
from reporter.delivery.smtp import SmtpTransport
from reporter.delivery.smtp_settings import Security, SmtpSettings
from tests.unit.delivery.mails import MAIL, SENDER, key_of

port, receipt = int(sys.argv[1]), Path(sys.argv[2])
transport = SmtpTransport(SmtpSettings("127.0.0.1", port, Security.NONE, SENDER))
outgoing = prepare(MAIL, key_of("ceo@acme.example"), "email.eml", sender=SENDER)
deliveries = deliver([outgoing], ReceiptLedger(receipt), transport)
transport.close()
sys.stderr.write(json.dumps([delivery.status for delivery in deliveries]))
"""


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    """A relay on this machine."""
    with smtp_server() as running:
        yield running


def start(server: SmtpServer, receipt: Path) -> subprocess.Popen[str]:
    """A program that delivers April's mail to one recipient."""
    command = [sys.executable, "-c", PROGRAM, str(server.port), str(receipt)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def run(server: SmtpServer, receipt: Path) -> str:
    """What became of the mail, in a program that runs to its end."""
    return outcome(start(server, receipt))


def outcome(program: subprocess.Popen[str]) -> str:
    """The status the program reports when it ends."""
    _, said = program.communicate()
    assert program.returncode == 0, said
    (status,) = json.loads(said)
    return str(status)


def kill(program: subprocess.Popen[str]) -> None:
    """End the program as a power cut would."""
    program.send_signal(signal.SIGKILL)
    program.communicate()
    assert program.returncode == -signal.SIGKILL


def wait_for(server: SmtpServer, verb: str) -> None:
    """Wait until the server has been given a command."""
    assert server.given[verb].acquire(timeout=60)


def test_killed_between_commit_and_settle(server: SmtpServer, tmp_path: Path) -> None:
    """Killed while the server had the mail and no answer had come: unknown, and never sent a second time."""
    server.faults = {"DOT": [SILENCE]}
    program = start(server, tmp_path / "receipt.json")
    wait_for(server, "DOT")
    kill(program)
    assert [run(server, tmp_path / "receipt.json") for _ in range(2)] == [DeliveryStatus.UNKNOWN] * 2
    assert (len(server.stored), server.connections) == (1, 1)


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_killed_before_the_commit(server: SmtpServer, tmp_path: Path, stage: str) -> None:
    """Killed at any stage before the point of no return: the next run sends the mail, once."""
    server.faults = {stage: [SILENCE]}
    program = start(server, tmp_path / "receipt.json")
    wait_for(server, stage)
    kill(program)
    assert [run(server, tmp_path / "receipt.json") for _ in range(2)] == [DeliveryStatus.ACCEPTED] * 2
    assert len(server.stored) == 1


def test_no_answer_is_never_sent_again(server: SmtpServer, tmp_path: Path) -> None:
    """A server that takes the mail and hangs up leaves it unknown to this run and to the next."""
    server.faults = {"DOT": [STORE_AND_HANG_UP]}
    assert [run(server, tmp_path / "receipt.json") for _ in range(2)] == [DeliveryStatus.UNKNOWN] * 2
    assert len(server.stored) == 1


def test_a_deferred_mail_goes_out_with_the_next_run(server: SmtpServer, tmp_path: Path) -> None:
    """A mail the server does not want yet is sent by the next run, the very same bytes."""
    server.faults = {"DOT": ["451 4.7.1 greylisted"]}
    outcomes = [run(server, tmp_path / "receipt.json") for _ in range(3)]
    assert outcomes == [DeliveryStatus.DEFERRED, DeliveryStatus.ACCEPTED, DeliveryStatus.ACCEPTED]
    assert len(server.stored) == 1


def test_two_programs_at_once_send_one_mail(server: SmtpServer, tmp_path: Path) -> None:
    """While one program waits for the server's answer others want the same mail out: all report it accepted, once."""
    server.may_answer.clear()
    programs = [start(server, tmp_path / "receipt.json") for _ in range(3)]
    wait_for(server, "DOT")
    server.may_answer.set()
    assert [outcome(program) for program in programs] == [DeliveryStatus.ACCEPTED] * 3
    assert (len(server.stored), server.connections) == (1, 1)
