"""All sentences of headlines.

A headline is a fact, by finding and metric, and optional remarks: how the figure compares with its usual range, that
the difference may be chance, or what made the value change. Each is a complete sentence, so that translators can
rephrase it; sentences are never assembled from parts.
Placeholders: %(value)s now, %(before)s in the previous period, %(change)s the size of the change without a sign,
%(low)s and %(high)s the ends of the usual range, %(mean)s its average, %(count)s windows in a row.
"""

from reporter.analysis.behavior import Signal
from reporter.analysis.decomposition import Driver
from reporter.analysis.highlights import HighlightKind
from reporter.rendering.translation import Words, mark

SENTENCES: dict[tuple[HighlightKind, str], str] = {
    (HighlightKind.ROSE, "response_rate"): mark("Response rate rose %(change)s to %(value)s."),
    (HighlightKind.FELL, "response_rate"): mark("Response rate fell %(change)s to %(value)s."),
    (HighlightKind.ROSE, "response_time"): mark("Answers took longer: the median rose from %(before)s to %(value)s."),
    (HighlightKind.FELL, "response_time"): mark("Answers came faster: the median fell from %(before)s to %(value)s."),
    (HighlightKind.ROSE, "conversations"): mark("Conversations rose %(change)s to %(value)s."),
    (HighlightKind.FELL, "conversations"): mark("Conversations fell %(change)s to %(value)s."),
    (HighlightKind.ROSE, "messages_received"): mark("Messages received rose %(change)s to %(value)s."),
    (HighlightKind.FELL, "messages_received"): mark("Messages received fell %(change)s to %(value)s."),
    (HighlightKind.ROSE, "messages_sent"): mark("Messages sent rose %(change)s to %(value)s."),
    (HighlightKind.FELL, "messages_sent"): mark("Messages sent fell %(change)s to %(value)s."),
    (HighlightKind.ROSE, "sales_rate"): mark("Sales rate rose %(change)s to %(value)s."),
    (HighlightKind.FELL, "sales_rate"): mark("Sales rate fell %(change)s to %(value)s."),
    (HighlightKind.ROSE, "accepted_sales"): mark("Accepted sales rose from %(before)s to %(value)s."),
    (HighlightKind.FELL, "accepted_sales"): mark("Accepted sales fell from %(before)s to %(value)s."),
    (HighlightKind.ROSE, "accepted_value"): mark("The value of accepted sales rose %(change)s to %(value)s."),
    (HighlightKind.FELL, "accepted_value"): mark("The value of accepted sales fell %(change)s to %(value)s."),
    (HighlightKind.STEADY, "response_rate"): mark("Response rate was %(value)s, after %(before)s."),
    (HighlightKind.STEADY, "response_time"): mark("The median response time was %(value)s, after %(before)s."),
    (HighlightKind.STEADY, "conversations"): mark("Conversations came to %(value)s, after %(before)s."),
    (HighlightKind.STEADY, "messages_received"): mark("Messages received came to %(value)s, after %(before)s."),
    (HighlightKind.STEADY, "messages_sent"): mark("Messages sent came to %(value)s, after %(before)s."),
    (HighlightKind.STEADY, "sales_rate"): mark("Sales rate was %(value)s, after %(before)s."),
    (HighlightKind.STEADY, "accepted_sales"): mark("Accepted sales came to %(value)s, after %(before)s."),
    (HighlightKind.STEADY, "accepted_value"): mark("Accepted sales were worth %(value)s, after %(before)s."),
    (HighlightKind.UNCHANGED, "response_rate"): mark("Response rate stayed at %(value)s."),
    (HighlightKind.UNCHANGED, "response_time"): mark("The median response time stayed at %(value)s."),
    (HighlightKind.UNCHANGED, "conversations"): mark("The number of conversations stayed at %(value)s."),
    (HighlightKind.UNCHANGED, "messages_received"): mark("Messages received stayed at %(value)s."),
    (HighlightKind.UNCHANGED, "messages_sent"): mark("Messages sent stayed at %(value)s."),
    (HighlightKind.UNCHANGED, "sales_rate"): mark("Sales rate stayed at %(value)s."),
    (HighlightKind.UNCHANGED, "accepted_sales"): mark("Accepted sales stayed at %(value)s."),
    (HighlightKind.UNCHANGED, "accepted_value"): mark("The value of accepted sales stayed at %(value)s."),
    (HighlightKind.APPEARED, "conversations"): mark("Conversations: %(value)s, after none in the previous period."),
    (HighlightKind.APPEARED, "messages_received"): mark(
        "Messages received: %(value)s, after none in the previous period."
    ),
    (HighlightKind.APPEARED, "messages_sent"): mark("Messages sent: %(value)s, after none in the previous period."),
    (HighlightKind.APPEARED, "accepted_sales"): mark("Accepted sales: %(value)s, after none in the previous period."),
    (HighlightKind.APPEARED, "accepted_value"): mark(
        "Value of accepted sales: %(value)s, after none in the previous period."
    ),
}

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
