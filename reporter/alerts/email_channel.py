"""Alerts by email, through the mail server of the reports, each with its own Message-ID."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from reporter.alerts.alert_channel import Alert
from reporter.delivery.channel import DeliveryStatus, Transport
from reporter.delivery.message import build_text_message
from reporter.domain.errors import DeliveryError
from reporter.domain.mailbox import Mailbox

log = structlog.get_logger(__name__)

_TAKEN = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN}


@dataclass(frozen=True, slots=True)
class MailChannel:
    """Emails from `sender` to each operator; `transport` creates the transport and may raise DeliveryError."""

    transport: Callable[[], Transport]
    sender: Mailbox
    recipients: tuple[Mailbox, ...]
    now: Callable[[], datetime]

    def tell(self, notice: Alert) -> bool:
        """Send the alert; whether the server accepted it, or may have, for any operator."""
        try:
            transport = self.transport()
        except DeliveryError as error:
            log.error("notice.failed", channel="mail", reason=str(error))  # noqa: TRY400 - the message is enough
            return False
        try:
            taken = [self._sent(notice, to, transport) for to in self.recipients]
        finally:
            transport.close()
        return any(taken)

    def _sent(self, notice: Alert, to: Mailbox, transport: Transport) -> bool:
        identity = f"<{uuid.uuid4().hex}@{self.sender.domain}>"
        wire = build_text_message(
            notice.title, notice.text, self.now(), sender=self.sender, recipient=to, message_id=identity
        )
        sent = transport.send(to.address, wire, lambda: None)
        if sent.status not in _TAKEN:
            log.error("notice.failed", channel="mail", reason=sent.reply)
        return sent.status in _TAKEN
