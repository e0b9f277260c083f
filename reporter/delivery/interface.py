"""The seams of delivery: what is sent, where it goes, and who remembers it.

    claim (a Ledger says this message is ours to send) ─▶ send (a Transport) ─▶ settle (the Ledger remembers)

A second ledger or transport is one file that implements a protocol below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """One edition's mail before it has an addressee. `issued` becomes its Date, `filename` names the PDF."""

    subject: str
    text: str
    html: str
    pdf: bytes
    filename: str
    language: str
    issued: datetime


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
    OUTBOX = "outbox"
    """Written to the archive and handed to nobody: a dry run, the demo, or no server configured."""
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The server may or may not have taken it; never sent again without a person's word."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one hand-over: `reply` is the server's answer or the reason there is none."""

    status: DeliveryStatus
    reply: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """The record of one message: the key's recipient, the spooled file's name, its Message-ID, and what is known."""

    recipient: str
    message_id: str
    file: str
    status: DeliveryStatus
    reply: str


class Transport(Protocol):
    """Takes one finished message to one recipient."""

    def send(self, recipient: str, wire: bytes, on_commit: Callable[[], None]) -> Sent:
        """Hand over `wire` (CRLF lines, byte for byte).

        `on_commit` is called after the last moment at which nothing can have been delivered, and before the first at
        which something can. Never raises for what a server does: every outcome is a `Sent`.
        """
        ...

    def close(self) -> None:
        """Leave the server in good order; the transport may be used again."""
        ...


class Ledger(Protocol):
    """Remembers each message's state durably, around the sending."""

    def claim(self, key: DeliveryKey, message_id: str, file: str) -> Delivery | None:
        """None when the message is ours to send now; else the record that says why not (accepted, unknown)."""
        ...

    def commit(self, key: DeliveryKey) -> None:
        """Note durably that the point of no return is next: without `settle`, the outcome is unknown."""
        ...

    def settle(self, key: DeliveryKey, sent: Sent) -> Delivery:
        """Note durably what became of the message."""
        ...
