"""The pipelines of two windows side by side: which stage is which, and which is new or gone."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from reporter.analysis.arithmetic import ratio
from reporter.analysis.chance import Measure
from reporter.analysis.change import change_between
from reporter.analysis.comparison import Change, StageComparison, StageFate
from reporter.analysis.metrics import Better, Unit
from reporter.domain.snapshot import Snapshot, Stage


@dataclass(frozen=True, slots=True)
class _Standing:
    """A stage in its pipeline, with the share of the stage before it that came this far."""

    stage: Stage
    step: Decimal | None


def compare_stages(current: Snapshot, previous: Snapshot) -> tuple[StageComparison, ...]:
    """Every stage of both windows once, in the current window's order; a gone one after the stage it followed.

    Without sales of the current window there are none; without sales of the window before, nothing is new.
    """
    if current.sales is None:
        return ()
    return tuple(_row(now, before, current, previous) for now, before in _side_by_side(current, previous))


def match_stages(current: tuple[Stage, ...], previous: tuple[Stage, ...]) -> dict[int, int]:
    """The place in `previous` of each stage of `current` that is there too.

    Stages are the same by status; where either has none, by name, whatever its case. Several stages of one status or
    name are matched in order.
    """
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for keys, key in ((_statuses, _status), (_names, _name)):
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)  # so that ten thousand stages take no minutes
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
    """What a stage is found under by status: nothing where it has none."""
    return () if stage.status is None else (stage.status,)


def _name(stage: Stage) -> Hashable:
    """The name, and whether only a stage without status will do."""
    return stage.name.strip().casefold(), stage.status is not None


def _names(stage: Stage) -> Sequence[Hashable]:
    """What a stage is found under by name: with a status of its own, only by one that has none."""
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
    """The places of gone stages, by the place of the stage they followed among today's (None: they came first)."""
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
    """Neither direction is good: what a stage stands for is the organization's affair."""
    return change_between(unit, Better.NEITHER, current, previous)


def _volume(standing: _Standing | None, snapshot: Snapshot) -> Measure:
    return Measure.of_count(standing.stage.volume if standing else None, snapshot.window.days)


def _value(standing: _Standing | None, snapshot: Snapshot) -> Measure:
    stage = standing.stage if standing else None
    return Measure(stage.value if stage else None, stage.volume if stage else None, snapshot.window.days)
