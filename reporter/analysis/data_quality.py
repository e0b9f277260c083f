"""Data quality: values that the API returns twice for a window and that conflict, and restated figures.

To add a check, write a function and put it into `CHECKS`. A check covers requested blocks only. Values that are
negative or not decimal never get here: such responses are rejected on arrival.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from reporter.analysis.arithmetic import ARITHMETIC, difference, ratio
from reporter.analysis.metric import Metric, Reason
from reporter.analysis.metrics import accepted_stage, shown_metrics
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Snapshot
from reporter.domain.window import Window

_ROUNDING = Decimal("0.0101")
"""Maximum difference between a share and its counts: the API rounds to whole percents, sometimes down."""


class ConflictKind(StrEnum):
    """The kinds of conflicting data, with the meaning of `Conflict.left` and `right`."""

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
class Conflict:
    """Conflicting data in one window."""

    kind: ConflictKind
    window: Window
    left: Decimal
    right: Decimal
    stage: str = ""


def conflicts(data: ReportData) -> tuple[Conflict, ...]:
    """All conflicting data of the reported window and the previous one."""
    return tuple(found for snapshot in (data.current, data.previous) for check in CHECKS for found in check(snapshot))


def _channels(snapshot: Snapshot) -> Iterator[Conflict]:
    if snapshot.channels is None or snapshot.volume is None:
        return
    added, total = sum(snapshot.channels.values()), snapshot.volume.conversations
    if added != total:
        yield Conflict(ConflictKind.CHANNELS, snapshot.window, Decimal(added), Decimal(total))


def _response_rate(snapshot: Snapshot) -> Iterator[Conflict]:
    block = snapshot.response_rate
    if block and block.responded > block.received:
        yield Conflict(ConflictKind.ANSWERED, snapshot.window, Decimal(block.responded), Decimal(block.received))
    elif block:
        yield from _share(ConflictKind.RESPONSE_RATE, snapshot, block.rate, block.responded, block.received)


def _sales_rate(snapshot: Snapshot) -> Iterator[Conflict]:
    """Checked only if the accepted stage is not the first one, whose volume is that of the opportunities."""
    accepted = accepted_stage(snapshot)
    if snapshot.sales and accepted and accepted is not snapshot.sales.pipeline[0]:
        first = snapshot.sales.pipeline[0].volume
        if accepted.volume <= first:
            yield from _share(ConflictKind.SALES_RATE, snapshot, snapshot.sales.rate, accepted.volume, first)


def _share(kind: ConflictKind, snapshot: Snapshot, rate: Decimal | None, part: int, whole: int) -> Iterator[Conflict]:
    counted = ratio(Decimal(part), Decimal(whole))
    if rate is not None and counted is not None and ARITHMETIC.subtract(rate, counted).copy_abs() > _ROUNDING:
        yield Conflict(kind, snapshot.window, rate, counted)


def _stages(snapshot: Snapshot) -> Iterator[Conflict]:
    """The first stage with more sales than the one before it, which each of its sales must have passed."""
    pipeline = snapshot.sales.pipeline if snapshot.sales else ()
    for before, stage in pairwise(pipeline):
        if stage.volume > before.volume:
            left, right = Decimal(before.volume), Decimal(stage.volume)
            yield Conflict(ConflictKind.STAGES, snapshot.window, left, right, stage.name)
            return


CHECKS: tuple[Callable[[Snapshot], Iterator[Conflict]], ...] = (_channels, _response_rate, _sales_rate, _stages)


@dataclass(frozen=True, slots=True)
class Restatement:
    """One metric of one window, as reported and as it is now; None where there was or is no data."""

    metric: Metric
    window: Window
    reported: Decimal | None
    current: Decimal | None
    reason: Reason


def restatements(data: ReportData) -> tuple[Restatement, ...]:
    """The restated metrics on the page, in page order; the latest window first."""
    now = {snapshot.window: snapshot for snapshot in (data.current, data.previous)}
    return tuple(
        restated
        for reported in data.reported
        if reported.window in now
        for restated in _restated(data, reported, now[reported.window])
    )


def _restated(data: ReportData, reported: Snapshot, now: Snapshot) -> Iterator[Restatement]:
    for metric in shown_metrics(data.settings.figures):
        before, value = metric.read(reported), metric.read(now)
        if before != value and metric.block in reported.blocks:
            yield Restatement(metric, now.window, before, value, _reason(metric, reported, now))


def _reason(metric: Metric, reported: Snapshot, now: Snapshot) -> Reason:
    """The reason. More sales explain only a larger figure; more answers change a time in either direction."""
    if metric.restated_by is Reason.ANSWERED and _more_answered(reported, now):
        return Reason.ANSWERED
    is_larger = (difference(metric.read(now), metric.read(reported)) or 0) > 0
    if metric.restated_by is Reason.ACCEPTED and is_larger and _more_accepted(reported, now):
        return Reason.ACCEPTED
    return Reason.UNKNOWN


def _more_answered(reported: Snapshot, now: Snapshot) -> bool:
    """Whether more of the same number of conversations were answered."""
    before, after = reported.response_rate, now.response_rate
    return bool(before and after and before.received == after.received and before.responded < after.responded)


def _more_accepted(reported: Snapshot, now: Snapshot) -> bool:
    before, after = accepted_stage(reported), accepted_stage(now)
    return bool(before and after and before.volume < after.volume)
