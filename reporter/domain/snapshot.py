"""What the API says of one organization in one window, as values the pure core can trust.

A `Snapshot` keeps the answers as they came (for the archive) beside what was read from them. `None` means the API
answered null: "no data", never zero. A block that was not asked for is `None` as a whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reporter.domain.blocks import Block, answered
from reporter.domain.window import Window


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization of the API key; the id is opaque, the name may hold anything."""

    id: str
    name: str

    @property
    def title(self) -> str:
        """The name for messages and lists: printable, on one line, not endless."""
        return title(self.name)


def title(name: str, limit: int = 60) -> str:
    """A name as `Organization.title` gives it."""
    line = "".join(character if character.isprintable() else "?" for character in name)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


@dataclass(frozen=True, slots=True)
class ResponseRate:
    """Conversations first heard of in the window, how many were ever answered, and the share (0 to 1)."""

    received: int
    responded: int
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Volume:
    """Messages in and out, and conversations by the API's second count (never derived from the first)."""

    messages_received: int
    messages_sent: int
    conversations: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the sales pipeline; a sale counts in every stage it passed, so stages are never added up."""

    name: str
    status: str | None
    volume: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Sales:
    """The pipeline in the API's order and the share (0 to 1) of qualified opportunities that were accepted."""

    pipeline: tuple[Stage, ...]
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One window of one organization. `channels` maps the API's modality names to conversations."""

    window: Window
    response_rate: ResponseRate | None = None
    response_time: Decimal | None = None
    volume: Volume | None = None
    channels: Mapping[str, int] | None = None
    sales: Sales | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    """The answers as they came, by endpoint below `analytics/`, e.g. `conversations/response-rate`."""

    @property
    def blocks(self) -> frozenset[Block]:
        """The blocks that were asked for."""
        return answered(self.answers)
