"""The last step of a report's way: each recipient's message is claimed, sent and settled, whatever the others' fate.

Mail ─ prepare, per recipient ─▶ Outgoing ─ (archived, byte for byte) ─ deliver ─▶ Delivery
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
from reporter.domain.mailbox import outside, read_mailbox

_log = structlog.get_logger(__name__)

_TAKEN_OVER = "another run took the message over while this one was about to send it"

_WORST_FIRST = (
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.FAILED,
    DeliveryStatus.DEFERRED,
    DeliveryStatus.PLANNED,
    DeliveryStatus.OUTBOX,
    DeliveryStatus.ACCEPTED,
)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One recipient's finished message: `wire` is what lies in the archive as `file` and what a server is given.

    It goes nowhere but to `domains`, where they are given; None is anywhere.
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
    sender: str,
    to: str | None = None,
    reply_to: str | None = None,
    purpose: str | None = None,
) -> OutgoingMessage:
    """The message to the key's recipient, addressed as `to` writes it; raises DeliveryError when an address is none.

    A `purpose` is why it is sent where it is no report to its reader.
    """
    identity = message_id(key, read_mailbox(sender).domain, purpose)
    wire = build_message(mail, sender=sender, recipient=to or key.recipient, reply_to=reply_to, message_id=identity)
    return OutgoingMessage(key, identity, file, wire)


def deliver(message: OutgoingMessage, ledger: DeliveryLedger, transport: Transport) -> Delivery:
    """What became of the message; one that was accepted before, or may have been, is not sent again.

    Raises LedgerError when the ledger cannot remember, before anything is sent.
    """
    delivery = _delivered(message, ledger, transport)
    _log.info("delivery", organization=message.key.organization_id, window=message.key.label, status=delivery.status)
    return delivery


def rehearse(message: OutgoingMessage, transport: Transport) -> Delivery:
    """What becomes of the message where nothing is handed to a server, so that nothing need be remembered."""
    sent = transport.send(message.key.recipient, message.wire, lambda: None)
    return _known(message, sent.status, sent.reply)


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
    """What became of all, where the ledger failed some: these wait for it to be mended, the others' fate is not hidden.

    Raises what ended them all alike, or what is no matter of the ledger.
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
    """What a report as a whole is said to be: the worst that became of its messages; None when it has none."""
    return min((delivery.status for delivery in deliveries), key=_WORST_FIRST.index, default=None)
