"""The channels that deliver alerts to operators: emails, and services such as chats, pagers, or webhooks.

RunOutcome or error ─ incident ─▶ RunFindings ─ alert_state ─▶ PendingAlerts ─ notify ─▶ Alert ─▶ each channel
"""

import logging
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import structlog
from pydantic import SecretStr

from reporter.delivery.channel import Channel, DeliveryStatus, Email, SendResult
from reporter.delivery.message import build_text_message
from reporter.domain.errors import DeliveryError
from reporter.domain.mailbox import Mailbox

log = structlog.get_logger(__name__)

REACHED = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN}
"""The states of an alert that has reached somebody, or may have."""

_SERVICE_TIMEOUT = 20.0
"""Time limit in seconds for each service; they are called concurrently."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An operator alert: short plain text, without secrets and without figures of reports."""

    title: str
    text: str
    is_problem: bool


@dataclass(frozen=True, slots=True)
class EmailAlertChannel:
    """Emails from `sender` to each operator, each with its own Message-ID.

    `connect` creates the channel for emails and may raise DeliveryError.
    """

    connect: Callable[[], Channel[Email]]
    sender: Mailbox
    recipients: tuple[Mailbox, ...]
    clock: Callable[[], datetime]

    def send(self, message: Alert, on_commit: Callable[[], None]) -> SendResult:
        """Send the alert to every operator; return the best result."""
        try:
            channel = self.connect()
        except DeliveryError as error:
            return _failed("email", str(error))
        commit_once = cache(on_commit)  # if it raises, no operator has got the alert yet
        try:
            results = [channel.send(self._email(message, to), commit_once) for to in self.recipients]
        finally:
            channel.close()
        for result in results:
            if result.status not in REACHED:
                _failed("email", result.reply)
        return next((result for result in results if result.status in REACHED), results[0])

    def close(self) -> None:
        """Do nothing: the connections are closed after each alert."""

    def _email(self, alert: Alert, to: Mailbox) -> Email:
        identity = f"<{uuid.uuid4().hex}@{self.sender.domain}>"
        wire = build_text_message(
            alert.title, alert.text, self.clock(), sender=self.sender, recipient=to, message_id=identity
        )
        return Email(to.address, wire)


@dataclass(frozen=True, slots=True)
class ServiceAlertChannel:
    """The services at these Apprise URLs, which hold secrets and are never shown."""

    addresses: tuple[SecretStr, ...]

    def send(self, message: Alert, on_commit: Callable[[], None]) -> SendResult:
        """Send the alert to every service; it is accepted if any service accepted it."""
        on_commit()
        try:
            with _silenced():
                from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType  # noqa: PLC0415 - heavy, seldom needed

                asset = AppriseAsset(service_timeout=_SERVICE_TIMEOUT, allow_templates=False)
                asset.http_redirects = False
                kind = NotifyType.FAILURE if message.is_problem else NotifyType.SUCCESS
                services = Apprise(asset=asset)
                for position, address in enumerate(self.addresses, start=1):
                    if not services.add(address.get_secret_value()):
                        _failed("services", f"address {position} is not one that Apprise supports")
                answer = services.notify(message.text, message.title, kind, body_format=NotifyFormat.TEXT)
        except Exception as error:  # noqa: BLE001 - any of a hundred plugins may raise anything
            return _failed("services", f"the library raised {type(error).__name__}")  # its message may hold an address
        failed = [
            _failed("services", f"the service {result.name} rejected it") for result in answer.results if not result
        ]
        if answer.success_count:
            return SendResult(DeliveryStatus.ACCEPTED, f"{answer.success_count} of {len(self.addresses)} services")
        return failed[0] if failed else SendResult(DeliveryStatus.FAILED, "no service accepted it")

    def close(self) -> None:
        """Do nothing, as no connection is kept."""


def _failed(channel: str, reason: str) -> SendResult:
    """Log and return a failure; `reason` contains no secret."""
    log.error("alert.failed", channel=channel, reason=reason)
    return SendResult(DeliveryStatus.FAILED, reason)


@contextmanager
def _silenced() -> Iterator[None]:
    """Suppress the library's logs, which contain addresses, and its warnings."""
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
