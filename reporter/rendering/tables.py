"""The tables of page 2: conversations by channel, the sales pipeline, and the causes of a change in value."""

from dataclasses import replace
from decimal import Decimal

from reporter.analysis.change import Change, ChangeKind
from reporter.analysis.comparison import ChannelComparison, Comparison
from reporter.analysis.metric import Unit
from reporter.analysis.sales import Decomposition, StageComparison, StageFate
from reporter.domain.strings import mark
from reporter.rendering.changes import UNCHANGED, change_view
from reporter.rendering.numbers import NO_VALUE, Numbers
from reporter.rendering.text import clean
from reporter.rendering.view import ChangeView, ChannelRow, PartRow, StageRow

MOST_STAGES = 12
"""Maximum number of stages shown; longer pipelines get a note with both numbers."""
CHANNELS = {
    "textMessages": mark("Text messages"),
    "calls": mark("Calls"),
    "emails": mark("Emails"),
    "liveChats": mark("Live chats"),
    "formRequests": mark("Form requests"),
}
"""Names of the channels, by their key in the API."""

_FATES = {StageFate.NEW: mark("new"), StageFate.GONE: mark("gone")}


def channel_rows(numbers: Numbers, comparison: Comparison) -> tuple[ChannelRow, ...]:
    """Rows of the channels, the busiest first."""
    counts = [count for row in comparison.channels for count in (row.change.current, row.change.previous)]
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
    words, money, value = numbers.words, numbers.money, comparison.metrics["accepted_value"].change
    now, before = value.current or Decimal(0), value.previous or Decimal(0)
    whole = numbers.shown_difference(Unit.MONEY, now, before)
    by_number, by_size, total = (
        numbers.signed_value(Unit.MONEY, effect) for effect in (*_displayed_effects(numbers, parts, whole), whole)
    )
    sales, sales_before = numbers.count(parts.volume), numbers.count(parts.previous_volume)
    return (
        PartRow(words("Number of sales"), sales, sales_before, by_number),
        PartRow(words("Average sale"), money(parts.average), money(parts.previous_average), by_size),
        PartRow(words("Value of accepted sales"), money(now), money(before), total),
    )


def _displayed_effects(numbers: Numbers, parts: Decomposition, whole: Decimal) -> tuple[Decimal, Decimal]:
    """Both effects as displayed; the larger one absorbs the rounding difference."""
    number, size = (numbers.as_shown(Unit.MONEY, effect) for effect in (parts.volume_effect, parts.size_effect))
    return (whole - size, size) if abs(number) >= abs(size) else (number, whole - number)


def channel_name(numbers: Numbers, key: str) -> str:
    """The display name of a channel; an unknown one is named by its API key."""
    return numbers.words(CHANNELS[key]) if key in CHANNELS else clean(key, 40)


def stage_name(name: str) -> str:
    """The display name of a stage, short enough for a cell."""
    return clean(name, 60)


def _channel(numbers: Numbers, row: ChannelComparison, longest: Decimal) -> ChannelRow:
    return ChannelRow(
        name=numbers.words.isolated(channel_name(numbers, row.key)),
        value=numbers.value(Unit.COUNT, row.change.current),
        previous=numbers.value(Unit.COUNT, row.change.previous),
        share=numbers.percent(row.share) if row.share is not None else "",
        change=_row_change(numbers, Unit.COUNT, row.change),
        share_change=numbers.signed_points(row.share_change) if row.share_change else "",
        bar=_length(row.change.current, longest),
        previous_bar=_length(row.change.previous, longest),
    )


def _stage(numbers: Numbers, stage: StageComparison, longest: Decimal) -> StageRow:
    either = stage.current or stage.previous
    assert either is not None
    return StageRow(
        name=numbers.words.isolated(stage_name(either.name)),
        fate=numbers.words(_FATES[stage.fate]) if stage.fate in _FATES else "",
        volume=numbers.value(Unit.COUNT, stage.volume.current),
        volume_change=_stage_change(numbers, Unit.COUNT, stage.volume, stage.fate),
        value=numbers.value(Unit.MONEY, stage.value.current),
        value_change=_stage_change(numbers, Unit.MONEY, stage.value, stage.fate),
        step=numbers.percent(stage.step) if stage.step is not None else "",
        bar=_length(stage.volume.current, longest),
    )


def _stage_change(numbers: Numbers, unit: Unit, change: Change, fate: StageFate) -> ChangeView:
    """The change; for a removed stage its previous value, for a new one a dash, since its label says why."""
    view = _row_change(numbers, unit, change)
    return view if fate is StageFate.KEPT else replace(view, text=view.detail or NO_VALUE)


def _row_change(numbers: Numbers, unit: Unit, change: Change) -> ChangeView:
    """The change, short enough for a cell: zero in both windows is shown as unchanged."""
    view = change_view(numbers, unit, change)
    return replace(view, text=numbers.words(UNCHANGED)) if change.kind is ChangeKind.NOTHING else view


def _length(count: Decimal | None, longest: Decimal) -> int:
    return round(count / longest * 100) if count and longest else 0
