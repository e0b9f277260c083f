"""Notices by mail, over the server that the reports go through, each with a Message-ID of its own."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from reporter.alerts.alert_channel import Alert
from reporter.delivery.channel import DeliveryStatus, Transport
from reporter.delivery.message import build_text_message
from reporter.domain.errors import DeliveryError
from reporter.domain.mailbox import read_mailbox

log = structlog.get_logger(__name__)

_TAKEN = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN}


@dataclass(frozen=True, slots=True)
class MailChannel:
    """Mails from `sender` to each of the operators; `transport` makes the transport, which may fail as it is made."""

    transport: Callable[[], Transport]
    sender: str
    recipients: tuple[str, ...]
    now: Callable[[], datetime]

    def tell(self, notice: Alert) -> bool:
        """Whether a server has taken the notice, or may have, for any of the operators."""
        try:
            transport = self.transport()
        except DeliveryError as error:
            log.error("notice.failed", channel="mail", reason=str(error))  # noqa: TRY400 - the sentence says it all
            return False
        try:
            taken = [self._sent(notice, to, transport) for to in self.recipients]
        finally:
            transport.close()
        return any(taken)

    def _sent(self, notice: Alert, to: str, transport: Transport) -> bool:
        identity = f"<{uuid.uuid4().hex}@{read_mailbox(self.sender).domain}>"
        wire = build_text_message(
            notice.title, notice.text, self.now(), sender=self.sender, recipient=to, message_id=identity
        )
        sent = transport.send(to, wire, lambda: None)
        if sent.status not in _TAKEN:
            log.error("notice.failed", channel="mail", reason=sent.reply)
        return sent.status in _TAKEN
