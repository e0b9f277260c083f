"""The tables of page 2: conversations by channel, and the sales pipeline."""

from dataclasses import replace
from decimal import Decimal

from reporter.analysis.comparison import Change, ChangeKind, ChannelComparison, Comparison, StageComparison, StageFate
from reporter.analysis.decomposition import Decomposition
from reporter.analysis.metric import Unit
from reporter.rendering import phrases
from reporter.rendering.changes import NO_VALUE, UNCHANGED, change_view, value_text
from reporter.rendering.numbers import Numbers
from reporter.rendering.text import clean
from reporter.rendering.view import ChangeView, ChannelRow, PartRow, StageRow

MOST_STAGES = 12
"""Maximum number of stages shown; longer pipelines get a note with both numbers."""


def channel_rows(numbers: Numbers, comparison: Comparison) -> tuple[ChannelRow, ...]:
    """Rows of the channels, the busiest first."""
    counts = [row.change.current for row in comparison.channels] + [row.change.previous for row in comparison.channels]
    longest = max((count for count in counts if count is not None), default=Decimal(0))
    return tuple(_channel(numbers, row, longest) for row in comparison.channels)


def stage_rows(numbers: Numbers, comparison: Comparison) -> tuple[StageRow, ...]:
    """Rows of the stages in the API's order, at most `MOST_STAGES`."""
    shown = comparison.stages[:MOST_STAGES]
    longest = max((stage.current.volume for stage in shown if stage.current), default=0)
    return tuple(_stage(numbers, stage, Decimal(longest)) for stage in shown)


def part_rows(numbers: Numbers, comparison: Comparison) -> tuple[PartRow, ...]:
    """Rows of the causes of the change in value of accepted sales, then the total; displayed parts add up."""
    parts = comparison.decomposition
    if parts is None:
        return ()
    value = comparison.metrics["accepted_value"].change
    now, before = value.current or Decimal(0), value.previous or Decimal(0)
    whole = numbers.shown_difference(Unit.MONEY, now, before)
    by_number, by_size = _adding_up(numbers, parts, whole)
    return (
        PartRow(
            name=numbers.words("Number of sales"),
            value=numbers.count(parts.volume),
            previous=numbers.count(parts.previous_volume),
            effect=numbers.moved(Unit.MONEY, by_number),
        ),
        PartRow(
            name=numbers.words("Average sale"),
            value=numbers.money(parts.average),
            previous=numbers.money(parts.previous_average),
            effect=numbers.moved(Unit.MONEY, by_size),
        ),
        PartRow(
            name=numbers.words("Value of accepted sales"),
            value=numbers.money(now),
            previous=numbers.money(before),
            effect=numbers.moved(Unit.MONEY, whole),
        ),
    )


def _adding_up(numbers: Numbers, parts: Decomposition, whole: Decimal) -> tuple[Decimal, Decimal]:
    """Both effects as displayed; the larger one absorbs the rounding difference."""
    number, size = (numbers.as_shown(Unit.MONEY, effect) for effect in (parts.volume_effect, parts.size_effect))
    return (whole - size, size) if abs(number) >= abs(size) else (number, whole - number)


def channel_name(numbers: Numbers, key: str) -> str:
    """The display name of a channel; an unknown one is named by its API key."""
    name = phrases.CHANNELS.get(key)
    return numbers.words(name) if name else clean(key, 40)


def stage_name(name: str) -> str:
    """The display name of a stage, short enough for a cell."""
    return clean(name, 60)


def _channel(numbers: Numbers, row: ChannelComparison, longest: Decimal) -> ChannelRow:
    moved = row.share_change
    return ChannelRow(
        name=numbers.words.apart(channel_name(numbers, row.key)),
        value=value_text(numbers, Unit.COUNT, row.change.current),
        previous=value_text(numbers, Unit.COUNT, row.change.previous),
        share=numbers.percent(row.share) if row.share is not None else "",
        change=_row_change(numbers, Unit.COUNT, row.change),
        share_change=numbers.points_moved(moved) if moved else "",
        bar=_length(row.change.current, longest),
        previous_bar=_length(row.change.previous, longest),
    )


def _stage(numbers: Numbers, stage: StageComparison, longest: Decimal) -> StageRow:
    either = stage.current or stage.previous
    assert either is not None
    return StageRow(
        name=numbers.words.apart(stage_name(either.name)),
        fate=_fate(numbers, stage.fate),
        volume=value_text(numbers, Unit.COUNT, stage.volume.current),
        volume_change=_stage_change(numbers, Unit.COUNT, stage.volume, stage.fate),
        value=value_text(numbers, Unit.MONEY, stage.value.current),
        value_change=_stage_change(numbers, Unit.MONEY, stage.value, stage.fate),
        step=numbers.percent(stage.step) if stage.step is not None else "",
        bar=_length(Decimal(stage.current.volume) if stage.current else None, longest),
    )


def _stage_change(numbers: Numbers, unit: Unit, change: Change, fate: StageFate) -> ChangeView:
    """The change; for a removed stage its previous value, for a new one a dash, since its label says why."""
    view = _row_change(numbers, unit, change)
    return view if fate is StageFate.KEPT else replace(view, text=view.detail or NO_VALUE)


def _row_change(numbers: Numbers, unit: Unit, change: Change) -> ChangeView:
    """The change, short enough for a cell: zero in both windows is shown as unchanged."""
    view = change_view(numbers, unit, change)
    return replace(view, text=numbers.words(UNCHANGED)) if change.kind is ChangeKind.NOTHING else view


def _fate(numbers: Numbers, fate: StageFate) -> str:
    match fate:
        case StageFate.NEW:
            return numbers.words("new")
        case StageFate.GONE:
            return numbers.words("gone")
        case StageFate.KEPT:
            return ""


def _length(count: Decimal | None, longest: Decimal) -> int:
    return round(count / longest * 100) if count and longest else 0
