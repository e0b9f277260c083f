"""Comparison of the sales pipelines of two windows: their stages, and what made the value of accepted sales change."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.arithmetic import ARITHMETIC, ratio
from reporter.analysis.chance import Measure
from reporter.analysis.change import Change, change_between
from reporter.analysis.metric import Better, Unit
from reporter.analysis.metrics import accepted_stage
from reporter.domain.snapshot import Snapshot, Stage

_MOST = Decimal("0.75")
"""Minimum share of the sum of both effects for one of them to be the driver."""

_INEXACT = Decimal(1).scaleb(ARITHMETIC.prec - 6)
"""Amounts from here on leave too few digits of precision for exact cents."""


class StageFate(StrEnum):
    """Whether a stage is in both windows; also `KEPT` if the previous window has no sales data."""

    KEPT = "kept"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class StageComparison:
    """One stage in both windows, matched by status, else by name. `step` is the conversion from the stage before it."""

    fate: StageFate
    current: Stage | None
    previous: Stage | None
    volume: Change
    value: Change
    step: Decimal | None


class Driver(StrEnum):
    """The main cause of the change in value."""

    VOLUME = "volume"
    SIZE = "size"
    BOTH = "both"
    MORE_BUT_SMALLER = "more-but-smaller"
    FEWER_BUT_LARGER = "fewer-but-larger"


@dataclass(frozen=True, slots=True)
class Decomposition:
    """The effects of volume and average size on the value, in the report's currency, and both windows' averages."""

    volume: int
    previous_volume: int
    average: Decimal
    previous_average: Decimal
    volume_effect: Decimal
    size_effect: Decimal

    @property
    def driver(self) -> Driver:
        """The main driver, or that the effects oppose each other."""
        number, size = self.volume_effect, self.size_effect
        most = ARITHMETIC.multiply(_MOST, ARITHMETIC.add(number.copy_abs(), size.copy_abs()))
        if number.copy_abs() >= most:
            return Driver.VOLUME
        if size.copy_abs() >= most:
            return Driver.SIZE
        if (number > 0) == (size > 0):
            return Driver.BOTH
        return Driver.MORE_BUT_SMALLER if number > 0 else Driver.FEWER_BUT_LARGER


def decompose(current: Snapshot, previous: Snapshot) -> Decomposition | None:
    """Decompose the change in the value of accepted sales into a volume effect and a size effect.

    As in management accounting: the difference in number at the previous average, and the difference in the average
    at the current number. Both add up to the change, to the cent. None if the value did not change, if either window
    has no accepted sales, or if the numbers differ so much that the effects are not exact to the cent.
    """
    now, before = accepted_stage(current), accepted_stage(previous)
    if now is None or before is None or not now.volume or not before.volume or now.value == before.value:
        return None
    volume_effect = ARITHMETIC.divide(ARITHMETIC.multiply(before.value, now.volume - before.volume), before.volume)
    if volume_effect.copy_abs() >= _INEXACT:
        return None
    return Decomposition(
        volume=now.volume,
        previous_volume=before.volume,
        average=ARITHMETIC.divide(now.value, now.volume),
        previous_average=ARITHMETIC.divide(before.value, before.volume),
        volume_effect=volume_effect,
        size_effect=ARITHMETIC.subtract(ARITHMETIC.subtract(now.value, before.value), volume_effect),
    )


def compare_stages(current: Snapshot, previous: Snapshot) -> tuple[StageComparison, ...]:
    """Compare every stage of both windows, in the current window's order; a removed one after the stage it followed.

    Empty if the current window has no sales data; no stage is new if the previous window has none.
    """
    if current.sales is None:
        return ()
    now, before = current.sales.pipeline, previous.sales.pipeline if previous.sales else ()
    return tuple(
        _compared(
            _placed(now, place, current.window.days),
            _placed(before, place_before, previous.window.days),
            has_previous=previous.sales is not None,
        )
        for place, place_before in _side_by_side(now, before)
    )


def match_stages(current: Sequence[Stage], previous: Sequence[Stage]) -> dict[int, int]:
    """Map the index of each stage in `current` to the index of the same stage in `previous`, if there is one.

    Stages match by status or, if either has none, by name regardless of case. Several stages with the same status or
    name are matched in order.
    """
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for keys, key in ((_statuses, _status), (_names, _name)):
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)  # queues keep ten thousand stages fast
        for place, stage in enumerate(previous):
            for each in keys(stage):
                waiting[each].append(place)
        for place in (place for place in range(len(current)) if place not in pairs):
            queue = waiting[key(current[place])]
            while queue and queue[0] in taken:
                queue.popleft()
            if queue:
                pairs[place] = queue.popleft()
                taken.add(pairs[place])
    return pairs


def _status(stage: Stage) -> Hashable:
    return stage.status


def _statuses(stage: Stage) -> Sequence[Hashable]:
    """The keys of a stage by status: none if it has no status."""
    return () if stage.status is None else (stage.status,)


def _name(stage: Stage) -> Hashable:
    """The name, and whether it may only match a stage without status."""
    return stage.name.strip().casefold(), stage.status is not None


def _names(stage: Stage) -> Sequence[Hashable]:
    """The keys of a stage by name; one with a status can only match one without."""
    name = stage.name.strip().casefold()
    return ((name, False),) if stage.status is not None else ((name, False), (name, True))


def _side_by_side(current: Sequence[Stage], previous: Sequence[Stage]) -> Iterator[tuple[int | None, int | None]]:
    """The index of each stage in both pipelines, None where it is not in one; a removed one after what it followed."""
    pairs = match_stages(current, previous)
    kept = {before: now for now, before in pairs.items()}
    removed: defaultdict[int | None, list[int]] = defaultdict(list)
    followed: int | None = None
    for place in range(len(previous)):
        if place in kept:
            followed = kept[place]
        else:
            removed[followed].append(place)
    for now in (None, *range(len(current))):
        if now is not None:
            yield now, pairs.get(now)
        yield from ((None, before) for before in removed[now])


@dataclass(frozen=True, slots=True)
class _Placed:
    """A stage in its pipeline, if it is there, with the conversion from the stage before it and the window's days."""

    stage: Stage | None
    step: Decimal | None
    days: int

    @property
    def volume(self) -> Measure:
        return Measure.of_count(self.stage.volume if self.stage else None, self.days)

    @property
    def value(self) -> Measure:
        return Measure(self.stage.value, self.stage.volume, self.days) if self.stage else Measure(None, None, self.days)


def _placed(pipeline: Sequence[Stage], place: int | None, days: int) -> _Placed:
    if place is None:
        return _Placed(None, None, days)
    volume, before = pipeline[place].volume, pipeline[place - 1].volume if place else 0
    return _Placed(pipeline[place], ratio(Decimal(volume), Decimal(before)), days)


def _compared(now: _Placed, before: _Placed, *, has_previous: bool) -> StageComparison:
    """The stage in both windows; changes have no good direction, since the organization defines what a stage means."""
    fate = StageFate.NEW if before.stage is None and has_previous else StageFate.KEPT
    return StageComparison(
        fate=fate if now.stage else StageFate.GONE,
        current=now.stage,
        previous=before.stage,
        volume=change_between(Unit.COUNT, Better.NEITHER, now.volume, before.volume),
        value=change_between(Unit.MONEY, Better.NEITHER, now.value, before.value),
        step=now.step,
    )
