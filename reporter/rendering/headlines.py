"""Texts of headlines: the fact, and optional remarks.

The remarks say how the figure compares with its usual range, that the difference may be chance, or what made the value
change. Each is a complete sentence that translators can rephrase. The facts are sentences of the metrics.
"""

from decimal import Decimal

from reporter.analysis.behavior import Behavior, Signal
from reporter.analysis.highlights import Headline, HighlightKind
from reporter.analysis.metric import Metric, Unit
from reporter.analysis.sales import Driver
from reporter.domain.strings import mark, mark_plural
from reporter.rendering.changes import size
from reporter.rendering.numbers import Numbers
from reporter.rendering.view import NoteView

_IN_RANGE = {
    Signal.USUAL: mark("That is within the usual range of %(low)s to %(high)s."),
    Signal.ABOVE: mark("That is above the usual range of %(low)s to %(high)s."),
    Signal.BELOW: mark("That is below the usual range of %(low)s to %(high)s."),
}
_IN_A_ROW = {
    Signal.RUN_ABOVE: mark_plural(
        "For %(count)s period it has been above the average of %(mean)s.",
        "For %(count)s periods in a row it has been above the average of %(mean)s.",
    ),
    Signal.RUN_BELOW: mark_plural(
        "For %(count)s period it has been below the average of %(mean)s.",
        "For %(count)s periods in a row it has been below the average of %(mean)s.",
    ),
}
_DRIVERS = {
    Driver.VOLUME: mark("The number of sales made the difference, not their average size."),
    Driver.SIZE: mark("The average sale made the difference, not the number of sales."),
    Driver.BOTH: mark("Number and average size of the sales moved the same way."),
    Driver.MORE_BUT_SMALLER: mark("There were more sales, of a smaller size on average."),
    Driver.FEWER_BUT_LARGER: mark("There were fewer sales, of a larger size on average."),
}


def headline_text(numbers: Numbers, headline: Headline) -> str:
    """The headline as displayed: the fact, followed by any remarks."""
    return numbers.words.sentences((_fact(numbers, headline), *_remarks(numbers, headline)))


def headline_note(numbers: Numbers, headline: Headline) -> NoteView:
    """The headline in two parts: the fact, and its remarks or an empty text."""
    sentences = numbers.words.sentences
    return NoteView(sentences((_fact(numbers, headline),)), sentences(_remarks(numbers, headline)))


def _fact(numbers: Numbers, headline: Headline) -> str:
    words, change = numbers.words, headline.change
    if headline.finding is HighlightKind.QUIET:
        return words("A quiet period: no conversations, no messages, no sales.")
    if headline.finding is HighlightKind.CALM:
        return words("All figures lie within their usual range.")
    if headline.finding is HighlightKind.FEW:
        assert headline.count is not None
        return words.plural(
            "Only %(count)s conversation: too few to judge how they were answered.",
            "Only %(count)s conversations: too few to judge how they were answered.",
            headline.count,
            count=numbers.count(headline.count),
        )
    assert headline.metric is not None
    assert change is not None
    unit, finding = headline.metric.unit, headline.finding
    value, before = (numbers.value(unit, number or Decimal(0)) for number in (change.current, change.previous))
    if finding in {HighlightKind.ROSE, HighlightKind.FELL} and value == before:
        finding = HighlightKind.STEADY  # avoids "rose from 35 min to 35 min"
    return words(_sentence(finding, headline.metric), value=value, before=before, change=size(numbers, unit, change))


def _sentence(finding: HighlightKind, metric: Metric) -> str:
    return {
        HighlightKind.ROSE: metric.rose,
        HighlightKind.FELL: metric.fell,
        HighlightKind.STEADY: metric.steady,
        HighlightKind.UNCHANGED: metric.unchanged,
        HighlightKind.APPEARED: metric.appeared,
    }[finding]


def _remarks(numbers: Numbers, headline: Headline) -> tuple[str, ...]:
    """The remarks besides the fact; none for an unchanged figure within its usual range."""
    behavior, change = headline.behavior, headline.change
    if behavior is None or headline.metric is None or change is None:
        return ()
    context = ""
    if headline.finding is not HighlightKind.UNCHANGED or behavior.signal.is_news:
        context = _usual(numbers, headline.metric.unit, behavior)
        if not context and not change.notable:
            context = numbers.words("The difference may be chance.")
    driver = numbers.words(_DRIVERS[headline.driver]) if headline.driver else ""
    return tuple(filter(None, (context, driver)))


def _usual(numbers: Numbers, unit: Unit, behavior: Behavior) -> str:
    """The figure compared with its usual range; empty without a verdict."""
    if behavior.usual is None or behavior.signal is Signal.NONE:
        return ""
    words = numbers.words
    low, mean, high = numbers.usual_range(unit, behavior.usual)
    if behavior.signal in _IN_A_ROW:
        count = words.digits(behavior.run)
        return words.plural(*_IN_A_ROW[behavior.signal], behavior.run, count=count, mean=mean)
    if low == high:
        return words("The usual figure is %(value)s.", value=low)
    return words(_IN_RANGE[behavior.signal], low=low, high=high)
