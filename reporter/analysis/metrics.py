"""The metrics a report can show: key, unit, which direction is good, and how to read the value from a snapshot.

To add a metric, add it to `METRICS` and to a figure in `FIGURES`, and its texts to `phrases` and `sentences`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.domain.blocks import Block
from reporter.domain.snapshot import Sales, Snapshot, Stage

ACCEPTED = "accepted"
"""The API status of the stage whose volume and value count as accepted sales."""


class Unit(StrEnum):
    """Unit of a metric: a share (0 to 1), seconds, a count, or money in the report's currency."""

    RATE = "rate"
    DURATION = "duration"
    COUNT = "count"
    MONEY = "money"


TOTALS = frozenset({Unit.COUNT, Unit.MONEY})
"""Units that grow with a window's length and for which zero means that nothing happened."""
JUDGED_BY_SAMPLE = frozenset({Unit.RATE, Unit.DURATION})
"""Units whose values are unreliable with few events."""


class Better(StrEnum):
    """The direction in which a metric improves."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a snapshot. `read` returns None if the API has no data for it.

    `sample` returns the number of events behind the value, which determines its sampling error: the conversations
    behind a rate, the sales behind a sum of money, a count itself. None if unknown.
    For a rate, `part` returns how many of the sample it counts, since the API rounds the rate itself.
    """

    key: str
    unit: Unit
    better: Better
    block: Block
    read: Callable[[Snapshot], Decimal | None]
    sample: Callable[[Snapshot], int | None]
    part: Callable[[Snapshot], int | None] = lambda _snapshot: None


def accepted_stage(sales: Sales | None) -> Stage | None:
    """The stage of accepted sales, identified by its API status, otherwise by its English name."""
    stages = sales.pipeline if sales else ()
    by_status = [stage for stage in stages if stage.status == ACCEPTED]
    by_name = [stage for stage in stages if stage.status is None and stage.name.strip().lower() == ACCEPTED]
    return next(iter(by_status + by_name), None)


def lacks_accepted_stage(snapshot: Snapshot) -> bool:
    """Whether the window has sales data, but no stage that counts as accepted."""
    return snapshot.sales is not None and accepted_stage(snapshot.sales) is None


def _response_rate(snapshot: Snapshot) -> Decimal | None:
    return snapshot.response_rate.rate if snapshot.response_rate and snapshot.response_rate.received else None


def _response_time(snapshot: Snapshot) -> Decimal | None:
    """The median; None instead of a zero without known answers, for which the API returns 0 or null."""
    return snapshot.response_time if snapshot.response_time or _responded(snapshot) else None


def _received(snapshot: Snapshot) -> int | None:
    return snapshot.response_rate.received if snapshot.response_rate else None


def _responded(snapshot: Snapshot) -> int | None:
    return snapshot.response_rate.responded if snapshot.response_rate else None


def _conversations(snapshot: Snapshot) -> Decimal | None:
    return Decimal(snapshot.volume.conversations) if snapshot.volume else None


def _messages_received(snapshot: Snapshot) -> Decimal | None:
    return Decimal(snapshot.volume.messages_received) if snapshot.volume else None


def _messages_sent(snapshot: Snapshot) -> Decimal | None:
    return Decimal(snapshot.volume.messages_sent) if snapshot.volume else None


def _conversation_count(snapshot: Snapshot) -> int | None:
    return snapshot.volume.conversations if snapshot.volume else None


def _sales_rate(snapshot: Snapshot) -> Decimal | None:
    """The share; None instead of a zero without any opportunities."""
    return snapshot.sales.rate if snapshot.sales and (snapshot.sales.rate or _qualified(snapshot)) else None


def _qualified(snapshot: Snapshot) -> int | None:
    """The volume of the pipeline's first stage: the qualified opportunities."""
    return snapshot.sales.pipeline[0].volume if snapshot.sales and snapshot.sales.pipeline else None


def _accepted_sales(snapshot: Snapshot) -> Decimal | None:
    stage = accepted_stage(snapshot.sales)
    return Decimal(stage.volume) if stage else None


def _accepted_value(snapshot: Snapshot) -> Decimal | None:
    stage = accepted_stage(snapshot.sales)
    return stage.value if stage else None


def _accepted_count(snapshot: Snapshot) -> int | None:
    stage = accepted_stage(snapshot.sales)
    return stage.volume if stage else None


METRICS = {
    metric.key: metric
    for metric in (
        Metric("response_rate", Unit.RATE, Better.HIGHER, Block.RESPONSE_RATE, _response_rate, _received, _responded),
        Metric("response_time", Unit.DURATION, Better.LOWER, Block.RESPONSE_TIME, _response_time, _responded),
        Metric("conversations", Unit.COUNT, Better.HIGHER, Block.VOLUME, _conversations, _conversation_count),
        Metric("messages_received", Unit.COUNT, Better.NEITHER, Block.VOLUME, _messages_received, _conversation_count),
        Metric("messages_sent", Unit.COUNT, Better.NEITHER, Block.VOLUME, _messages_sent, _conversation_count),
        Metric("sales_rate", Unit.RATE, Better.HIGHER, Block.SALES, _sales_rate, _qualified, _accepted_count),
        Metric("accepted_sales", Unit.COUNT, Better.HIGHER, Block.SALES, _accepted_sales, _accepted_count),
        Metric("accepted_value", Unit.MONEY, Better.HIGHER, Block.SALES, _accepted_value, _accepted_count),
    )
}

FIGURES: dict[str, tuple[Metric, ...]] = {
    "response_rate": (METRICS["response_rate"],),
    "response_time": (METRICS["response_time"],),
    "conversations": (METRICS["conversations"],),
    "messages": (METRICS["messages_received"], METRICS["messages_sent"]),
    "sales_rate": (METRICS["sales_rate"],),
    "accepted_sales": (METRICS["accepted_sales"], METRICS["accepted_value"]),
}
"""The figures of page 1, each with its leading metric first."""


def shown_metrics(figures: Iterable[str]) -> tuple[Metric, ...]:
    """The metrics of these figures, in page order."""
    return tuple(metric for figure in figures for metric in FIGURES[figure])
