"""The last step of a report's way: each recipient's message is claimed, sent and settled, whatever the others' fate.

Mail ─ prepare, per recipient ─▶ Outgoing ─ (archived, byte for byte) ─ deliver ─▶ Delivery
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import structlog

from reporter.delivery.address import read_mailbox
from reporter.delivery.interface import Delivery, DeliveryKey, DeliveryStatus, Ledger, Mail, Transport
from reporter.delivery.message import build_message, message_id

_log = structlog.get_logger(__name__)

_WORST_FIRST = (
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.FAILED,
    DeliveryStatus.DEFERRED,
    DeliveryStatus.OUTBOX,
    DeliveryStatus.ACCEPTED,
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One recipient's finished message: `wire` is what lies in the archive as `file` and what a server is given."""

    key: DeliveryKey
    message_id: str
    file: str
    wire: bytes = field(repr=False)


def prepare(
    mail: Mail, key: DeliveryKey, file: str, *, sender: str, to: str | None = None, reply_to: str | None = None
) -> Outgoing:
    """The message to the key's recipient, addressed as `to` writes it; raises DeliveryError when an address is none."""
    identity = message_id(key, read_mailbox(sender).domain)
    wire = build_message(mail, sender=sender, recipient=to or key.recipient, reply_to=reply_to, message_id=identity)
    return Outgoing(key, identity, file, wire)


def deliver(messages: Iterable[Outgoing], ledger: Ledger, transport: Transport) -> tuple[Delivery, ...]:
    """What became of each message, in order; one that was accepted before, or may have been, is not sent again.

    Raises ArchiveError when the ledger cannot remember: then nothing more is sent.
    """
    return tuple(_deliver_one(message, ledger, transport) for message in messages)


def _deliver_one(message: Outgoing, ledger: Ledger, transport: Transport) -> Delivery:
    delivery = ledger.claim(message.key, message.message_id, message.file)
    if delivery is None:
        sent = transport.send(message.key.recipient, message.wire, partial(ledger.commit, message.key))
        delivery = ledger.settle(message.key, sent)
    _log.info("delivery", organization=message.key.organization_id, window=message.key.label, status=delivery.status)
    return delivery


def worst_status(deliveries: Iterable[Delivery]) -> DeliveryStatus | None:
    """What a report as a whole is said to be: the worst that became of its messages; None when it has none."""
    return min((delivery.status for delivery in deliveries), key=_WORST_FIRST.index, default=None)
