"""The interfaces of delivery: what is sent, through which transport, and which ledger records it.

    `claim` (the ledger grants the right to send) ─▶ `send` (a Transport) ─▶ `settle` (the ledger records the result)

A second ledger or transport is one file that implements a protocol below.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EmailContent:
    """The content of one edition's email, without a recipient. `issued` becomes its Date, `filename` names the PDF.

    `pictures` are the PNG images that the HTML shows, by Content-ID.
    """

    subject: str
    text: str
    html: str
    pdf: bytes
    filename: str
    language: str
    issued: datetime
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """The identity of a message: no two messages with the same key are ever accepted."""

    organization_id: str
    period: str
    label: str
    recipient: str
    revision: int


class DeliveryStatus(StrEnum):
    """The known delivery status of one message."""

    ACCEPTED = "accepted"
    PLANNED = "planned"
    """To be sent; no server has been asked yet."""
    OUTBOX = "outbox"
    """Written to the archive but not sent: a dry run, the demo, or no server configured."""
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The server may or may not have accepted it; sent again only if an operator says so."""


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
    """The record of one message: recipient, Message-ID, file name in the archive, and delivery status."""

    recipient: str
    message_id: str
    file: str
    status: DeliveryStatus
    reply: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One run's right to send one message, until the lease expires or another run takes it and `token` is outdated."""

    id: int
    token: int
    key: DeliveryKey
    message_id: str
    file: str


class ClaimLost(Exception):
    """Another run has taken over the message, so this run may not send it."""


class Transport(Protocol):
    """Sends finished messages, each to one recipient; thread-safe."""

    @property
    def connections(self) -> int:
        """The number of messages that can be sent at the same time."""
        ...

    def send(self, recipient: str, wire: bytes, on_commit: Callable[[], None]) -> SendResult:
        """Send `wire` (CRLF line ends, byte for byte).

        `on_commit` is called at the point of no return: nothing can have been delivered before it, and anything may
        be after it. Never raises for what a server does: every outcome is a `SendResult`. Raises what `on_commit`
        raises, and then nothing was delivered.
        """
        ...

    def close(self) -> None:
        """Close the connections properly; the transport may be used again."""
        ...


class DeliveryLedger(Protocol):
    """Records each message's state durably, before and after sending."""

    def claim(self, key: DeliveryKey, message_id: str, file: str, sha256: str) -> Claim | Delivery:
        """The right to send the message now, or the record that shows why not (accepted, unknown, not yet due)."""
        ...

    def commit(self, claim: Claim) -> None:
        """Record durably that the point of no return is next: without `settle`, the outcome is unknown.

        Raises ClaimLost if another run has taken over the message.
        """
        ...

    def settle(self, claim: Claim, sent: SendResult) -> Delivery:
        """Record the result of sending durably."""
        ...
