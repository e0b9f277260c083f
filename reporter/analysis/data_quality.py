"""Data quality checks: values that the API returns twice for a window must agree.

To add a check, write a function and put it into `CHECKS`. A check covers requested blocks only. Values that are
negative or not decimal never get here: such responses are rejected on arrival.
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
"""Maximum difference between a share and its counts: the API rounds to whole percents, sometimes down."""


class Contradiction(StrEnum):
    """The kinds of conflicting data, with the meaning of `Disagreement.left` and `right`."""

    CHANNELS = "channels"
    """The channels add up to `left` conversations, the total is `right`."""
    ANSWERED = "answered"
    """`left` conversations were answered, of `right` received."""
    RESPONSE_RATE = "response-rate"
    """The rate is `left`, its counts give `right`."""
    SALES_RATE = "sales-rate"
    """The rate is `left`, its counts give `right`."""
    STAGES = "stages"
    """The stage `stage` has `right` sales, the stage before it `left`, which is fewer."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Conflicting data in one window."""

    fault: Contradiction
    window: Window
    left: Decimal
    right: Decimal
    stage: str = ""


def disagreements(data: ReportData) -> tuple[Disagreement, ...]:
    """All conflicting data of the reported window and the previous one."""
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
    """Checked only if the accepted stage is not the first one, whose volume is that of the opportunities."""
    accepted = accepted_stage(snapshot)
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
    """The first stage with more sales than the one before it, which each of its sales must have passed."""
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
