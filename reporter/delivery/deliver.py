"""Deliver messages: claim, send, and record each one, independently of the others.

EmailContent ─ prepare, per recipient ─▶ OutgoingMessage ─ (archived, byte for byte) ─ deliver ─▶ Delivery
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from reporter.delivery.channel import (
    ClaimLost,
    Delivery,
    DeliveryKey,
    DeliveryLedger,
    DeliveryStatus,
    EmailContent,
    SendResult,
    Transport,
)
from reporter.delivery.message import build_message, message_id
from reporter.domain.errors import LedgerError
from reporter.domain.mailbox import Mailbox, outside

_log = structlog.get_logger(__name__)

_TAKEN_OVER = "another run took the message over while this one was about to send it"

_WORST_FIRST = (
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.FAILED,
    DeliveryStatus.DEFERRED,
    DeliveryStatus.COMMITTING,
    DeliveryStatus.CLAIMED,
    DeliveryStatus.PLANNED,
    DeliveryStatus.OUTBOX,
    DeliveryStatus.ACCEPTED,
)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One recipient's finished message: `wire` holds the bytes archived as `file` and sent to the server.

    It is sent only to addresses in `domains`; None allows any domain.
    """

    key: DeliveryKey
    message_id: str
    file: str
    wire: bytes = field(repr=False)
    domains: tuple[str, ...] | None = None


def prepare(
    mail: EmailContent,
    key: DeliveryKey,
    file: str,
    *,
    sender: Mailbox,
    to: Mailbox,
    reply_to: Mailbox | None = None,
) -> OutgoingMessage:
    """Build the message to the key's recipient, whose mailbox is `to`."""
    identity = message_id(key, sender.domain)
    wire = build_message(mail, sender=sender, recipient=to, reply_to=reply_to, message_id=identity)
    return OutgoingMessage(key, identity, file, wire)


def deliver(message: OutgoingMessage, ledger: DeliveryLedger, transport: Transport) -> Delivery:
    """Deliver the message, unless it was accepted before or may have been; return its delivery record.

    Raises LedgerError, before anything is sent, if the ledger cannot be used.
    """
    delivery = _delivered(message, ledger, transport)
    _log.info("delivery", organization=message.key.organization_id, window=message.key.label, status=delivery.status)
    return delivery


def rehearse(message: OutgoingMessage, transport: Transport) -> Delivery:
    """Pass the message to a transport that sends nothing, without using the ledger."""
    sent = transport.send(message.key.recipient, message.wire, lambda: None)
    return replace(_known(message, sent.status, sent.reply), recorded=sent.status)


def _delivered(message: OutgoingMessage, ledger: DeliveryLedger, transport: Transport) -> Delivery:
    sha256 = hashlib.sha256(message.wire).hexdigest()
    claim = ledger.claim(message.key, message.message_id, message.file, sha256)
    if isinstance(claim, Delivery):
        return claim
    if reason := outside(message.key.recipient, message.domains):
        return ledger.settle(claim, SendResult(DeliveryStatus.FAILED, reason))
    try:
        sent = transport.send(message.key.recipient, message.wire, partial(ledger.commit, claim))
    except ClaimLost:
        return _known(message, DeliveryStatus.DEFERRED, _TAKEN_OVER)
    try:
        return ledger.settle(claim, sent)
    except LedgerError as error:
        if sent.status not in {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN}:
            raise
        _log.error("delivery.unnoted", reason=str(error.__cause__ or error))
        said = f"taken ({sent.reply})" if sent.status is DeliveryStatus.ACCEPTED else sent.reply
        return _known(message, DeliveryStatus.UNKNOWN, f"{said}, but the ledger could not note it")


def together(messages: Sequence[OutgoingMessage], ends: Sequence[Delivery | BaseException]) -> Sequence[Delivery]:
    """The deliveries of all messages; where the ledger failed for some, those count as failed.

    Raises the error if the ledger failed for every message, or if it is not a ledger error.
    """
    errors = [end for end in ends if isinstance(end, BaseException)]
    for error in errors:
        if not isinstance(error, LedgerError) or len(errors) == len(ends):
            raise error
    both = zip(messages, ends, strict=True)
    return [end if isinstance(end, Delivery) else _known(each, DeliveryStatus.FAILED, str(end)) for each, end in both]


def _known(message: OutgoingMessage, status: DeliveryStatus, reply: str) -> Delivery:
    return Delivery(message.key.recipient, message.message_id, message.file, status, reply)


def worst_status(deliveries: Iterable[Delivery]) -> DeliveryStatus | None:
    """The status of a report as a whole: the worst of its deliveries; None if it has none."""
    return min((delivery.status for delivery in deliveries), key=_WORST_FIRST.index, default=None)
