"""All sentences of headlines.

A headline is a fact, which is a sentence of its metric, and optional remarks: how the figure compares with its usual
range, that the difference may be chance, or what made the value change. Each is a complete sentence, so that
translators can rephrase it; sentences are never assembled from parts.
Placeholders: %(low)s and %(high)s the ends of the usual range, %(mean)s its average, %(count)s windows in a row.
"""

from reporter.analysis.behavior import Signal
from reporter.analysis.decomposition import Driver
from reporter.analysis.highlights import HighlightKind
from reporter.analysis.metric import Metric
from reporter.domain.strings import mark
from reporter.rendering.translation import Words


def fact(finding: HighlightKind, metric: Metric) -> str:
    """The metric's sentence for a finding about it."""
    return {
        HighlightKind.ROSE: metric.rose,
        HighlightKind.FELL: metric.fell,
        HighlightKind.STEADY: metric.steady,
        HighlightKind.UNCHANGED: metric.unchanged,
        HighlightKind.APPEARED: metric.appeared,
    }[finding]


IN_RANGE: dict[Signal, str] = {
    Signal.USUAL: mark("That is within the usual range of %(low)s to %(high)s."),
    Signal.ABOVE: mark("That is above the usual range of %(low)s to %(high)s."),
    Signal.BELOW: mark("That is below the usual range of %(low)s to %(high)s."),
}
"""The figure compared with its usual range."""

USUALLY = mark("The usual figure is %(value)s.")
"""For a usual range that is a single value."""

CHANCE = mark("The difference may be chance.")
"""For a difference that is not notable, if no usual range is known."""

DRIVERS: dict[Driver, str] = {
    Driver.VOLUME: mark("The number of sales made the difference, not their average size."),
    Driver.SIZE: mark("The average sale made the difference, not the number of sales."),
    Driver.BOTH: mark("Number and average size of the sales moved the same way."),
    Driver.MORE_BUT_SMALLER: mark("There were more sales, of a smaller size on average."),
    Driver.FEWER_BUT_LARGER: mark("There were fewer sales, of a larger size on average."),
}
"""What made the value of accepted sales change."""

CALM = mark("All figures lie within their usual range.")
"""First headline if nothing is outside the usual range."""

QUIET = mark("A quiet period: no conversations, no messages, no sales.")
"""Only headline if nothing happened."""


def few(words: Words, number: int, count: str) -> str:
    """Too few conversations to judge; `count` is the formatted number."""
    return words.plural(
        "Only %(count)s conversation: too few to judge how they were answered.",
        "Only %(count)s conversations: too few to judge how they were answered.",
        number,
        count=count,
    )


def in_a_row(words: Words, signal: Signal, number: int, **values: str) -> str:
    """Consecutive windows on one side of the average `mean`; `count` is the formatted number."""
    if signal is Signal.RUN_ABOVE:
        return words.plural(
            "For %(count)s period it has been above the average of %(mean)s.",
            "For %(count)s periods in a row it has been above the average of %(mean)s.",
            number,
            **values,
        )
    return words.plural(
        "For %(count)s period it has been below the average of %(mean)s.",
        "For %(count)s periods in a row it has been below the average of %(mean)s.",
        number,
        **values,
    )
