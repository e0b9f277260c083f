"""Caveats of a report: restated figures and conflicting data."""

from decimal import Decimal

from reporter.analysis.data_quality import Contradiction, Disagreement, disagreements
from reporter.analysis.metric import Reason, Unit
from reporter.analysis.restatements import Restatement, restatements
from reporter.domain.report import ReportData
from reporter.domain.strings import mark
from reporter.rendering.changes import value_text
from reporter.rendering.dates import capitalized, window_name
from reporter.rendering.numbers import Numbers
from reporter.rendering.text import clean

RESTATED = mark("%(figure)s, %(period)s: reported as %(before)s, now %(value)s.")

REASONS = {
    Reason.ANSWERED: mark("More of the conversations have been answered since."),
    Reason.ACCEPTED: mark("More sales have been accepted since."),
}

DOUBTS = {
    Contradiction.CHANNELS: mark(
        "%(period)s: the channels add up to %(left)s conversations, the total given is %(right)s."
    ),
    Contradiction.ANSWERED: mark("%(period)s: %(left)s conversations answered, of only %(right)s received."),
    Contradiction.RESPONSE_RATE: mark("%(period)s: the response rate given is %(left)s, its counts make %(right)s."),
    Contradiction.SALES_RATE: mark("%(period)s: the sales rate given is %(left)s, the stages make %(right)s."),
    Contradiction.STAGES: mark(
        "%(period)s: the stage “%(stage)s” has %(right)s sales, the stage before it only %(left)s."
    ),
}

_SHARES = frozenset({Contradiction.RESPONSE_RATE, Contradiction.SALES_RATE})
_STAGE_LIMIT = 40


def restated(numbers: Numbers, data: ReportData) -> tuple[str, ...]:
    """Sentences about restated figures, if the displayed values differ."""
    told = (_restated(numbers, restatement) for restatement in restatements(data))
    return tuple(sentence for sentence in told if sentence)


def doubts(numbers: Numbers, data: ReportData) -> tuple[str, ...]:
    """Data quality warnings: sentences about conflicting data."""
    return tuple(_doubt(numbers, disagreement) for disagreement in disagreements(data))


def _restated(numbers: Numbers, restatement: Restatement) -> str:
    unit = restatement.metric.unit
    before, value = (value_text(numbers, unit, number) for number in (restatement.reported, restatement.current))
    if before == value:
        return ""
    figure = numbers.words(restatement.metric.name)
    period = window_name(numbers.words, restatement.window)
    said = numbers.words(RESTATED, figure=figure, period=period, before=before, value=value)
    reason = (numbers.words(REASONS[restatement.reason]),) if restatement.reason in REASONS else ()
    return numbers.words.sentences((said, *reason))


def _doubt(numbers: Numbers, found: Disagreement) -> str:
    left, right = (_number(numbers, found.fault, number) for number in (found.left, found.right))
    period = capitalized(window_name(numbers.words, found.window))
    stage = numbers.words.apart(clean(found.stage, _STAGE_LIMIT))
    return numbers.words(DOUBTS[found.fault], period=period, left=left, right=right, stage=stage)


def _number(numbers: Numbers, fault: Contradiction, number: Decimal) -> str:
    return numbers.percent(number) if fault in _SHARES else numbers.value(Unit.COUNT, number)
