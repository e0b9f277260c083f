"""The seams of delivery: what is sent, where it goes, and who remembers it.

    claim (the Ledger says this message is ours to send) ─▶ send (a Transport) ─▶ settle (the Ledger remembers)

A second ledger or transport is one file that implements a protocol below.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EmailContent:
    """One edition's mail before it has an addressee. `issued` becomes its Date, `filename` names the PDF.

    `pictures` are those that the HTML shows, PNG, by their Content-ID.
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
    """What makes a message the same message: the same key is never accepted twice."""

    organization_id: str
    period: str
    label: str
    recipient: str
    revision: int


class DeliveryStatus(StrEnum):
    """What is known of one message to one recipient."""

    ACCEPTED = "accepted"
    PLANNED = "planned"
    """Still to be sent: no server was asked about it."""
    OUTBOX = "outbox"
    """Written to the archive and handed to nobody: a dry run, the demo, or no server configured."""
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The server may or may not have taken it; never sent again without a person's word."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one hand-over: `reply` is the server's answer or the reason there is none.

    Without `attempted` the server said nothing about this message: it refused us altogether, or was not asked.
    """

    status: DeliveryStatus
    reply: str
    attempted: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """The record of one message: the key's recipient, the spooled file's name, its Message-ID, and what is known."""

    recipient: str
    message_id: str
    file: str
    status: DeliveryStatus
    reply: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One run's right to send one message, until the lease is over or another run takes it: then `token` is old."""

    id: int
    token: int
    key: DeliveryKey
    message_id: str
    file: str


class ClaimLost(Exception):
    """Another run has taken the message over; this one may not send it."""


class Transport(Protocol):
    """Takes finished messages, each to one recipient; several threads may use it at once."""

    @property
    def connections(self) -> int:
        """How many messages it can be handing over at the same time."""
        ...

    def send(self, recipient: str, wire: bytes, on_commit: Callable[[], None]) -> SendResult:
        """Hand over `wire` (CRLF lines, byte for byte).

        `on_commit` is called after the last moment at which nothing can have been delivered, and before the first at
        which something can. Never raises for what a server does: every outcome is a `SendResult`. Raises what
        `on_commit` raises, and then nothing was delivered.
        """
        ...

    def close(self) -> None:
        """Leave the server in good order; the transport may be used again."""
        ...


class DeliveryLedger(Protocol):
    """Remembers each message's state durably, around the sending."""

    def claim(self, key: DeliveryKey, message_id: str, file: str, sha256: str) -> Claim | Delivery:
        """The right to send the message now; else the record that says why not (accepted, unknown, not yet)."""
        ...

    def commit(self, claim: Claim) -> None:
        """Note durably that the point of no return is next: without `settle`, the outcome is unknown.

        Raises ClaimLost when the claim is no longer ours.
        """
        ...

    def settle(self, claim: Claim, sent: SendResult) -> Delivery:
        """Note durably what became of the message."""
        ...
