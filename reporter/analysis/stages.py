"""Comparison of the pipelines of two windows: matched, new, and removed stages."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from reporter.analysis.arithmetic import ratio
from reporter.analysis.chance import Measure
from reporter.analysis.change import change_between
from reporter.analysis.comparison import Change, StageComparison, StageFate
from reporter.analysis.metric import Better, Unit
from reporter.domain.snapshot import Snapshot, Stage


@dataclass(frozen=True, slots=True)
class _Standing:
    """A stage in its pipeline, with the conversion from the stage before it."""

    stage: Stage
    step: Decimal | None


def compare_stages(current: Snapshot, previous: Snapshot) -> tuple[StageComparison, ...]:
    """Compare every stage of both windows, in the current window's order; a removed one after the stage it followed.

    Empty if the current window has no sales data; no stage is new if the previous window has none.
    """
    if current.sales is None:
        return ()
    return tuple(_row(now, before, current, previous) for now, before in _side_by_side(current, previous))


def match_stages(current: tuple[Stage, ...], previous: tuple[Stage, ...]) -> dict[int, int]:
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


def _side_by_side(current: Snapshot, previous: Snapshot) -> Iterator[tuple[_Standing | None, _Standing | None]]:
    pipeline, pipeline_before = _pipeline(current), _pipeline(previous)
    pairs = match_stages(pipeline, pipeline_before)
    gone = _gone_after(pairs, len(pipeline_before))
    standings, standings_before = _standings(pipeline), _standings(pipeline_before)
    yield from ((None, standings_before[place]) for place in gone.get(None, ()))
    for place, standing in enumerate(standings):
        yield standing, standings_before[pairs[place]] if place in pairs else None
        yield from ((None, standings_before[other]) for other in gone.get(place, ()))


def _pipeline(snapshot: Snapshot) -> tuple[Stage, ...]:
    return snapshot.sales.pipeline if snapshot.sales else ()


def _standings(pipeline: tuple[Stage, ...]) -> list[_Standing]:
    volumes = [Decimal(stage.volume) for stage in pipeline]
    steps = [ratio(volume, before) for before, volume in pairwise(volumes)]
    return [_Standing(stage, step) for stage, step in zip(pipeline, (None, *steps), strict=False)]


def _gone_after(pairs: dict[int, int], count: int) -> dict[int | None, list[int]]:
    """The indexes of removed stages, by the current index of the stage they followed (None: they came first)."""
    kept = {before: now for now, before in pairs.items()}
    gone: dict[int | None, list[int]] = {}
    followed: int | None = None
    for place in range(count):
        if place in kept:
            followed = kept[place]
        else:
            gone.setdefault(followed, []).append(place)
    return gone


def _row(now: _Standing | None, before: _Standing | None, current: Snapshot, previous: Snapshot) -> StageComparison:
    return StageComparison(
        fate=_fate(now, before, previous),
        current=now.stage if now else None,
        previous=before.stage if before else None,
        volume=_change(Unit.COUNT, _volume(now, current), _volume(before, previous)),
        value=_change(Unit.MONEY, _value(now, current), _value(before, previous)),
        step=now.step if now else None,
        previous_step=before.step if before else None,
    )


def _fate(now: _Standing | None, before: _Standing | None, previous: Snapshot) -> StageFate:
    if now is None:
        return StageFate.GONE
    return StageFate.NEW if before is None and previous.sales is not None else StageFate.KEPT


def _change(unit: Unit, current: Measure, previous: Measure) -> Change:
    """The change, without a good direction, since the organization defines what a stage means."""
    return change_between(unit, Better.NEITHER, current, previous)


def _volume(standing: _Standing | None, snapshot: Snapshot) -> Measure:
    return Measure.of_count(standing.stage.volume if standing else None, snapshot.window.days)


def _value(standing: _Standing | None, snapshot: Snapshot) -> Measure:
    stage = standing.stage if standing else None
    return Measure(stage.value if stage else None, stage.volume if stage else None, snapshot.window.days)
