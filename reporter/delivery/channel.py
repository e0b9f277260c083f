"""The values of delivery, and the interface of the channels that send messages.

    `claim` (the ledger grants the right to send) ─▶ `send` (a Channel) ─▶ `settle` (the ledger records the result)

A new channel is one file that implements the protocol below; the same contract tests run on every channel.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar


class Purpose(StrEnum):
    """Why a message is sent: a report to a recipient, or a test send to an operator."""

    REPORT = "report"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """The identity of a message: no two messages with the same key are ever accepted."""

    organization_id: str
    period: str
    label: str
    recipient: str
    revision: int
    purpose: Purpose = Purpose.REPORT


class DeliveryStatus(StrEnum):
    """The delivery state of one message: in the ledger, the receipt, all output, and alerts."""

    PLANNED = "planned"
    """To be sent; no server was asked, or the run that asked died before anything could be delivered."""
    CLAIMED = "claimed"
    """A run has it until its lease expires; nothing can have been delivered yet."""
    SENDING = "sending"
    """The whole body is sent and the final dot is next: if that run dies, delivery is uncertain."""
    ACCEPTED = "accepted"
    """The server accepted it; never sent again."""
    DEFERRED = "deferred"
    """The server did not accept it now; it is retried later."""
    FAILED = "failed"
    """The server rejected it permanently; an operator fixes the address or resends it."""
    UNKNOWN = "unknown"
    """The server may have accepted it; sent again only if an operator says so."""
    OUTBOX = "outbox"
    """Written to the archive but not sent: a dry run, the demo, or no server configured. Never in the ledger."""

    @property
    def is_held(self) -> bool:
        """Whether a run has the message at this moment."""
        return self in {DeliveryStatus.CLAIMED, DeliveryStatus.SENDING}


_WORST_FIRST = (
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.FAILED,
    DeliveryStatus.DEFERRED,
    DeliveryStatus.SENDING,
    DeliveryStatus.CLAIMED,
    DeliveryStatus.PLANNED,
    DeliveryStatus.OUTBOX,
    DeliveryStatus.ACCEPTED,
)


def worst_status(statuses: Iterable[DeliveryStatus]) -> DeliveryStatus | None:
    """The state of a report as a whole: the worst of its deliveries; None if it has none."""
    return min(statuses, key=_WORST_FIRST.index, default=None)


@dataclass(frozen=True, slots=True)
class SendResult:
    """The result of one attempt to send: `reply` is the server's reply or the reason there is none.

    `attempted` is False if the server said nothing about this message: it rejected the session or was not asked.
    """

    status: DeliveryStatus
    reply: str
    attempted: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a run reports about one message: recipient, Message-ID, file name in the archive, and delivery state.

    `recorded` is the state for the receipt, None if the ledger's is not known. It differs from `status` if the server
    rejected the run: that has failed, and the message is still planned.
    """

    recipient: str
    message_id: str
    file: str
    status: DeliveryStatus
    reply: str
    recorded: DeliveryStatus | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One run's right to send one message, until the lease expires or another run takes it and `token` is outdated.

    `attempts` includes this one.
    """

    id: int
    token: int
    key: DeliveryKey
    message_id: str
    file: str
    attempts: int
    planned_at: datetime


class ClaimLost(Exception):
    """Another run has taken over the message, so this run may not send it."""


@dataclass(frozen=True, slots=True)
class Email:
    """A finished email to one address: `wire` has CRLF line ends and is sent byte for byte."""

    recipient: str
    wire: bytes = field(repr=False)


_Message_contra = TypeVar("_Message_contra", contravariant=True)


class Channel(Protocol[_Message_contra]):
    """Sends finished messages of one kind, one at a time or from many threads."""

    def send(self, message: _Message_contra, on_commit: Callable[[], None]) -> SendResult:
        """Send the message.

        `on_commit` is called at the point of no return: nothing can have been delivered before it, and anything may
        be after it. Never raises for what a server does: every outcome is a `SendResult`, without secrets. Raises what
        `on_commit` raises, and then nothing was delivered.
        """
        ...

    def close(self) -> None:
        """Close all connections properly; the channel may be used again."""
        ...
