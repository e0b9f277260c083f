"""Texts of headlines: the fact, and optional remarks."""

from decimal import Decimal

from reporter.analysis.behavior import Behaviour, Signal
from reporter.analysis.highlights import Headline, HighlightKind
from reporter.analysis.metric import Unit
from reporter.rendering.changes import size
from reporter.rendering.numbers import Numbers
from reporter.rendering.sentences import CALM, CHANCE, DRIVERS, IN_RANGE, QUIET, USUALLY, fact, few, in_a_row
from reporter.rendering.view import NoteView


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
        return words(QUIET)
    if headline.finding is HighlightKind.CALM:
        return words(CALM)
    if headline.finding is HighlightKind.FEW:
        assert headline.count is not None
        return few(words, headline.count, numbers.count(headline.count))
    assert headline.metric is not None
    assert change is not None
    unit = headline.metric.unit
    value, before = (numbers.value(unit, number or Decimal(0)) for number in (change.current, change.previous))
    moved = headline.finding in {HighlightKind.ROSE, HighlightKind.FELL}
    finding = (
        HighlightKind.STEADY if moved and value == before else headline.finding
    )  # avoids "rose from 35 min to 35 min"
    return words(fact(finding, headline.metric), value=value, before=before, change=size(numbers, unit, change))


def _remarks(numbers: Numbers, headline: Headline) -> tuple[str, ...]:
    """The remarks besides the fact; none for an unchanged figure within its usual range."""
    if headline.alone or headline.behaviour is None or headline.metric is None or headline.change is None:
        return ()
    told = headline.finding is not HighlightKind.UNCHANGED or headline.behaviour.signal.is_news
    usual = _usual(numbers, headline.metric.unit, headline.behaviour) if told else ""
    if told and not usual and not headline.change.notable:
        usual = numbers.words(CHANCE)
    driver = numbers.words(DRIVERS[headline.driver]) if headline.driver else ""
    return tuple(remark for remark in (usual, driver) if remark)


def _usual(numbers: Numbers, unit: Unit, behaviour: Behaviour) -> str:
    if behaviour.usual is None or behaviour.signal is Signal.NONE:
        return ""
    if behaviour.signal in IN_RANGE:
        low, high = numbers.usual(unit, behaviour.usual.low), numbers.usual(unit, behaviour.usual.high)
        if low == high:
            return numbers.words(USUALLY, value=low)
        return numbers.words(IN_RANGE[behaviour.signal], low=low, high=high)
    mean = numbers.usual(unit, behaviour.usual.mean)
    return in_a_row(
        numbers.words, behaviour.signal, behaviour.run, count=numbers.words.digits(behaviour.run), mean=mean
    )
