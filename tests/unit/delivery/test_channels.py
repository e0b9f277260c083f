"""The contract of every channel, whatever it sends: emails by SMTP, to the outbox, and alerts to operators."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from reporter.alerts.alert_channels import Alert, EmailAlertChannel, ServiceAlertChannel
from reporter.delivery.channel import Channel, ClaimLost, DeliveryStatus, Email, SendResult
from reporter.delivery.message import prepare
from reporter.delivery.outbox import OutboxChannel
from reporter.delivery.smtp.smtp_channel import SmtpChannel
from reporter.delivery.smtp.smtp_settings import Security, SmtpSettings
from reporter.domain.mailbox import Mailbox
from tests.listening import SECRET, listening
from tests.smtp_server import HANG_UP, smtp_server
from tests.unit.delivery.mails import MAIL, SENDER, key_of

CEO = Mailbox("", "ceo@acme.example")
OPERATORS = (Mailbox("Ada", "ada@acme.example"), Mailbox("", "bob@acme.example"))
EMAIL = Email(CEO.address, prepare(MAIL, key_of(CEO.address), "email.eml", sender=SENDER, to=CEO).wire)
ALERT = Alert("hyperrep-report: the run failed", "What to do: fix it.\n", is_problem=True)


@dataclass
class Case:
    """A channel, a message for it, the number of messages delivered so far, and a way to make the other end fail."""

    channel: Channel[Any]
    message: Email | Alert
    delivered: Callable[[], int]
    break_down: Callable[[], None]

    @property
    def is_outbox(self) -> bool:
        """Whether nothing is ever delivered."""
        return isinstance(self.channel, OutboxChannel)


def settings(port: int) -> SmtpSettings:
    """Settings for a server on this machine."""
    return SmtpSettings("127.0.0.1", port, Security.NONE, SENDER, timeout=60)


def now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


def smtp_case(stack: ExitStack) -> Case:
    """Emails by SMTP."""
    server = stack.enter_context(smtp_server())

    def break_down() -> None:
        server.faults = {"CONNECT": [HANG_UP] * 9, "RSET": [HANG_UP] * 9}

    return Case(SmtpChannel(settings(server.port), now), EMAIL, lambda: len(server.stored), break_down)


def outbox_case(_stack: ExitStack) -> Case:
    """Emails that stay in the archive."""
    return Case(OutboxChannel(), EMAIL, lambda: 0, lambda: None)


def email_alert_case(stack: ExitStack) -> Case:
    """Alerts by email, to two operators."""
    smtp = smtp_case(stack)
    server = smtp.channel
    assert isinstance(server, SmtpChannel)
    channel = EmailAlertChannel(lambda: server, SENDER, OPERATORS, now)
    return Case(channel, ALERT, lambda: smtp.delivered() // len(OPERATORS), smtp.break_down)


def service_alert_case(stack: ExitStack) -> Case:
    """Alerts to a service."""
    listener = stack.enter_context(listening())
    channel = ServiceAlertChannel((SecretStr(listener.service),))

    def break_down() -> None:
        listener.statuses = {f"/hook-{SECRET}": 500}

    return Case(channel, ALERT, lambda: len(listener.notices), break_down)


@pytest.fixture(params=[smtp_case, outbox_case, email_alert_case, service_alert_case], ids=lambda case: case.__name__)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    """Each channel in turn, with a real other end."""
    with ExitStack() as stack:
        case: Case = request.param(stack)
        yield case
        case.channel.close()


def test_a_message_is_delivered_after_its_commit(case: Case) -> None:
    """Nothing is delivered before the commit, which comes once, and an accepted message is delivered once."""
    delivered_before: list[int] = []
    sent = case.channel.send(case.message, lambda: delivered_before.append(case.delivered()))
    assert sent.status is (DeliveryStatus.OUTBOX if case.is_outbox else DeliveryStatus.ACCEPTED)
    assert (delivered_before, case.delivered()) == (([], 0) if case.is_outbox else ([0], 1))
    assert sent.reply


@pytest.mark.parametrize("error", [ClaimLost(), RuntimeError("the disk is full")])
def test_a_failed_commit_delivers_nothing(case: Case, error: Exception) -> None:
    """An error at the commit is raised unchanged, nothing is delivered, and the next message is sent."""

    def fail() -> None:
        raise error

    if case.is_outbox:
        assert case.channel.send(case.message, fail).status is DeliveryStatus.OUTBOX
        return
    with pytest.raises(type(error)) as raised:
        case.channel.send(case.message, fail)
    assert (raised.value, case.delivered()) == (error, 0)
    assert case.channel.send(case.message, lambda: None).status is DeliveryStatus.ACCEPTED
    assert case.delivered() == 1


def test_a_failure_is_a_result_without_secrets(case: Case) -> None:
    """Whatever the other end does, nothing is raised, and neither the reply nor a log contains a secret address."""
    case.break_down()
    with structlog.testing.capture_logs() as logs:
        sent = case.channel.send(case.message, lambda: None)
    assert sent.status in {DeliveryStatus.DEFERRED, DeliveryStatus.FAILED, DeliveryStatus.OUTBOX}
    assert sent.reply.isprintable()
    assert SECRET not in f"{sent} {logs} {case.channel}"


def test_a_closed_channel_may_be_used_again(case: Case) -> None:
    """Closing drops no message, may be repeated, and the next message is sent."""
    first = case.channel.send(case.message, lambda: None)
    case.channel.close()
    case.channel.close()
    assert case.channel.send(case.message, lambda: None).status is first.status
    assert case.delivered() == (0 if case.is_outbox else 2)


def test_a_service_library_that_cannot_be_loaded_is_a_failed_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alert to services then fails like any other, so that the operators' emails still go out."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    channel = ServiceAlertChannel((SecretStr("json://127.0.0.1:9/hook"),))
    assert channel.send(ALERT, lambda: None) == SendResult(
        DeliveryStatus.FAILED, "the library raised ModuleNotFoundError"
    )
