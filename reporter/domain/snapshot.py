"""The API's data for one organization in one window, as validated values for the pure core.

A `Snapshot` keeps the verbatim responses (for the archive) beside the values parsed from them. `None` means that the
API returned null: "no data", never zero. A block that was not requested is `None` as a whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from reporter.domain.window import Window

ACCEPTED = "accepted"
"""The API status of the stage whose volume and value count as accepted sales."""

COMBINED = "conversations"
"""The endpoint that answers all four conversation blocks at once."""


class Block(StrEnum):
    """A block of analytics; the value is the endpoint below `analytics/` that answers only this block."""

    RESPONSE_RATE = "conversations/response-rate"
    RESPONSE_TIME = "conversations/response-time"
    VOLUME = "conversations/volume"
    MODALITY = "conversations/modality"
    SALES = "sales"


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization of the API key; the id is opaque, the name may contain anything."""

    id: str
    name: str

    @property
    def title(self) -> str:
        """The name for messages and lists: printable, on one line, and limited in length."""
        return title(self.name)


def title(name: str, limit: int = 60) -> str:
    """A name as in `Organization.title`."""
    line = "".join(character if character.isprintable() else "?" for character in name)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


@dataclass(frozen=True, slots=True)
class ResponseRate:
    """Conversations first seen in the window, how many of them were ever answered, and the share (0 to 1)."""

    received: int
    responded: int
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Volume:
    """Messages received and sent, and conversations by the API's second count (never derived from the first)."""

    messages_received: int
    messages_sent: int
    conversations: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the sales pipeline; a sale counts in every stage it passed, so stages must not be added up."""

    name: str
    status: str | None
    volume: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Sales:
    """The pipeline in the API's order and the share (0 to 1) of qualified opportunities that were accepted."""

    pipeline: tuple[Stage, ...]
    rate: Decimal | None

    @property
    def accepted(self) -> Stage | None:
        """The stage of accepted sales, identified by its API status, otherwise by its English name."""
        by_status = [stage for stage in self.pipeline if stage.status == ACCEPTED]
        without_status = [stage for stage in self.pipeline if stage.status is None]
        by_name = [stage for stage in without_status if stage.name.strip().lower() == ACCEPTED]
        return next(iter(by_status + by_name), None)


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
    """The verbatim responses, by endpoint below `analytics/`, e.g. `conversations/response-rate`."""

    @property
    def blocks(self) -> frozenset[Block]:
        """The blocks that were requested."""
        return answered(self.answers)


def answered(endpoints: Iterable[str]) -> frozenset[Block]:
    """The blocks that these endpoints answer."""
    combined = frozenset(Block) - {Block.SALES}
    blocks = (combined if endpoint == COMBINED else frozenset({Block(endpoint)}) for endpoint in endpoints)
    return frozenset[Block]().union(*blocks)


def endpoints(blocks: frozenset[Block]) -> tuple[str, ...]:
    """The endpoints for these blocks: the block's own endpoint for one conversation block, the combined for several."""
    conversations = sorted(block for block in blocks if block is not Block.SALES)
    asked = [COMBINED] if len(conversations) > 1 else [block.value for block in conversations]
    return (*asked, Block.SALES.value) if Block.SALES in blocks else tuple(asked)
