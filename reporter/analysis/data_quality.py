"""Whether a window's answers agree with each other: what the API says twice must be the same both times.

To add a check, write a function and put it into `CHECKS`. A check speaks only of what was asked for. Values that are
no decimals, or negative, never come this far: the answers are refused as they arrive.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from reporter.analysis.arithmetic import ARITHMETIC, ratio
from reporter.analysis.metrics import accepted_stage
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Snapshot
from reporter.domain.window import Window

_ROUNDING = Decimal("0.0101")
"""How far a share may lie from its counts: the API rounds to whole percents, some answers down."""


class Contradiction(StrEnum):
    """What does not agree, with `Disagreement.left` and `right` as each sentence needs them."""

    CHANNELS = "channels"
    """The channels add up to `left` conversations, the total is `right`."""
    ANSWERED = "answered"
    """`left` conversations were answered, of `right` received."""
    RESPONSE_RATE = "response-rate"
    """The rate is `left`, its counts make `right`."""
    SALES_RATE = "sales-rate"
    """The rate is `left`, its counts make `right`."""
    STAGES = "stages"
    """The stage `stage` has `right` sales, the stage before it `left`, which is fewer."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One fault of one window's answers."""

    fault: Contradiction
    window: Window
    left: Decimal
    right: Decimal
    stage: str = ""


def disagreements(data: ReportData) -> tuple[Disagreement, ...]:
    """Every fault of the reported window and the one before it."""
    return tuple(found for snapshot in (data.current, data.previous) for check in CHECKS for found in check(snapshot))


def _channels(snapshot: Snapshot) -> Iterator[Disagreement]:
    if snapshot.channels is None or snapshot.volume is None:
        return
    added, total = sum(snapshot.channels.values()), snapshot.volume.conversations
    if added != total:
        yield Disagreement(Contradiction.CHANNELS, snapshot.window, Decimal(added), Decimal(total))


def _answered(snapshot: Snapshot) -> Iterator[Disagreement]:
    block = snapshot.response_rate
    if block and block.responded > block.received:
        yield Disagreement(Contradiction.ANSWERED, snapshot.window, Decimal(block.responded), Decimal(block.received))


def _response_rate(snapshot: Snapshot) -> Iterator[Disagreement]:
    block = snapshot.response_rate
    if block and block.responded <= block.received:
        yield from _share(Contradiction.RESPONSE_RATE, snapshot, block.rate, block.responded, block.received)


def _sales_rate(snapshot: Snapshot) -> Iterator[Disagreement]:
    """Only where the accepted stage follows another: the first one's volume is then that of the opportunities."""
    accepted = accepted_stage(snapshot.sales)
    if snapshot.sales and accepted and accepted is not snapshot.sales.pipeline[0]:
        first = snapshot.sales.pipeline[0].volume
        if accepted.volume <= first:
            yield from _share(Contradiction.SALES_RATE, snapshot, snapshot.sales.rate, accepted.volume, first)


def _share(
    fault: Contradiction, snapshot: Snapshot, rate: Decimal | None, part: int, whole: int
) -> Iterator[Disagreement]:
    counted = ratio(Decimal(part), Decimal(whole))
    if rate is not None and counted is not None and ARITHMETIC.subtract(rate, counted).copy_abs() > _ROUNDING:
        yield Disagreement(fault, snapshot.window, rate, counted)


def _stages(snapshot: Snapshot) -> Iterator[Disagreement]:
    """The first stage that has more sales than the one before it, though each sale passed that too."""
    pipeline = snapshot.sales.pipeline if snapshot.sales else ()
    for before, stage in pairwise(pipeline):
        if stage.volume > before.volume:
            yield Disagreement(
                Contradiction.STAGES, snapshot.window, Decimal(before.volume), Decimal(stage.volume), stage.name
            )
            return


CHECKS: tuple[Callable[[Snapshot], Iterator[Disagreement]], ...] = (
    _channels,
    _answered,
    _response_rate,
    _sales_rate,
    _stages,
)
