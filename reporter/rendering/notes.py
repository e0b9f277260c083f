"""The notes of a report: definitions of figures, exact windows, caveats, and the stamp of revisions and test sends."""

from collections.abc import Iterator

from reporter.analysis.behavior import SCALING
from reporter.analysis.comparison import Comparison
from reporter.analysis.data_quality import ConflictKind, conflicts, restatements
from reporter.analysis.metric import Reason, Unit
from reporter.analysis.metrics import lacks_accepted_stage, shown_metrics
from reporter.domain.report import CurrencySource, ReportData, Revision, Section, Stamp
from reporter.domain.strings import mark
from reporter.rendering.dates import capitalized, exact_dates, window_name
from reporter.rendering.numbers import Numbers
from reporter.rendering.tables import MOST_STAGES
from reporter.rendering.text import clean
from reporter.rendering.translation import Words
from reporter.rendering.view import NoteView

REASON_LIMIT = 160
"""Maximum length of an operator's reason in a document, in characters; fits on page 1 in the widest letters."""

_AS_SET = mark("Amounts are shown in %(currency)s, as set for this report; nothing was converted.")
CURRENCY_NOTES = {
    CurrencySource.SALES_RECORDS: mark("Amounts are in %(currency)s, the currency of the sales records."),
    CurrencySource.OPTION: _AS_SET,
    CurrencySource.CONFIGURATION: _AS_SET,
    CurrencySource.NO_RECORDS: mark(
        "No currency is shown: none is set for this report, and the sales records name none."
    ),
    CurrencySource.MIXED_RECORDS: mark(
        "No currency is shown: the sales records are in more than one, and amounts may mix them."
    ),
    CurrencySource.UNAVAILABLE: mark("No currency is shown: the sales records that name it could not be read."),
}

_REASONS = {
    Reason.ANSWERED: mark("More of the conversations have been answered since."),
    Reason.ACCEPTED: mark("More sales have been accepted since."),
}
_CONFLICTS = {
    ConflictKind.CHANNELS: mark(
        "%(period)s: the channels add up to %(left)s conversations, the total given is %(right)s."
    ),
    ConflictKind.ANSWERED: mark("%(period)s: %(left)s conversations answered, of only %(right)s received."),
    ConflictKind.RESPONSE_RATE: mark("%(period)s: the response rate given is %(left)s, its counts make %(right)s."),
    ConflictKind.SALES_RATE: mark("%(period)s: the sales rate given is %(left)s, the stages make %(right)s."),
    ConflictKind.STAGES: mark(
        "%(period)s: the stage “%(stage)s” has %(right)s sales, the stage before it only %(left)s."
    ),
}


def stamp_note(words: Words, stamp: Stamp | None) -> NoteView | None:
    """The label of a revision or a test send, with the reason; None for an ordinary report."""
    if stamp is None:
        return None
    if isinstance(stamp, Revision):
        term = words("Revised report, version %(number)s", number=words.digits(stamp.number))
        return NoteView(term, words.isolated(clean(stamp.reason, REASON_LIMIT)) or words("no reason was given"))
    return NoteView(words("Test"), words("this report was sent to try the delivery and is not meant for its readers"))


def restated(numbers: Numbers, data: ReportData) -> Iterator[str]:
    """Sentences about restated figures, if the displayed values differ."""
    words = numbers.words
    for found in restatements(data):
        before, value = (numbers.value(found.metric.unit, number) for number in (found.reported, found.current))
        if before != value:
            sentence = words(
                "%(figure)s, %(period)s: reported as %(before)s, now %(value)s.",
                figure=words(found.metric.name),
                period=window_name(words, found.window),
                before=before,
                value=value,
            )
            reason = (words(_REASONS[found.reason]),) if found.reason in _REASONS else ()
            yield words.sentences((sentence, *reason))


def data_quality_warnings(numbers: Numbers, data: ReportData) -> Iterator[str]:
    """Sentences about conflicting data."""
    for found in conflicts(data):
        is_share = found.kind in {ConflictKind.RESPONSE_RATE, ConflictKind.SALES_RATE}
        left, right = (
            numbers.percent(number) if is_share else numbers.value(Unit.COUNT, number)
            for number in (found.left, found.right)
        )
        yield numbers.words(
            _CONFLICTS[found.kind],
            period=capitalized(window_name(numbers.words, found.window)),
            left=left,
            right=right,
            stage=numbers.words.isolated(clean(found.stage, 40)),
        )


def notes(numbers: Numbers, data: ReportData, comparison: Comparison) -> tuple[NoteView, ...]:
    """All notes of a report, definitions first."""
    words = numbers.words
    shown = shown_metrics(data.settings.figures)
    definitions = (NoteView(words(each.title), words(each.definition)) for each in shown if each.definition)
    return (*definitions, *_readings(numbers, data, comparison), *_windows(words, data, comparison))


def _readings(numbers: Numbers, data: ReportData, comparison: Comparison) -> Iterator[NoteView]:
    """Notes on how to read changes, stages, and amounts."""
    words = numbers.words
    yield NoteView(
        words("Changes"),
        words(
            "Rates change in percentage points. “Usual variation” marks a difference within the usual range, “may be "
            "chance” one of a size that often comes about by itself. An answer counts for the period in which its "
            "conversation began, even if it comes later, so the previous period has had longer to collect answers."
        ),
    )
    if any(comparison.metrics[metric.key].behavior.usual for metric in shown_metrics(data.settings.figures)):
        text = words(
            "Where a figure usually lies, shaded in its line: the average of the earlier periods, more or less "
            "%(scaling)s times the average step from one to the next (a process behaviour chart). A figure outside it, "
            "or eight in a row on one side of the average, is more than usual variation.",
            scaling=numbers.exact(SCALING),
        )
        yield NoteView(words("Usual range"), text)
    if Section.PIPELINE in data.settings.sections and comparison.stages:
        yield NoteView(words("Pipeline"), _pipeline(words, comparison))
    if any(metric.of_accepted_stage for metric in shown_metrics(data.settings.figures)):
        yield from _accepted(words, data)
    if data.current.sales is not None:
        note = words(CURRENCY_NOTES[data.settings.currency_source], currency=data.settings.currency or "")
        yield NoteView(words("Currency"), note)


def _accepted(words: Words, data: ReportData) -> Iterator[NoteView]:
    """Notes on why accepted sales have no figure, or none to compare with."""
    if lacks_accepted_stage(data.current):
        text = words(
            "No stage of the sales pipeline counts as accepted in this period, so the number and value of accepted "
            "sales are not known."
        )
    elif lacks_accepted_stage(data.previous):
        text = words(
            "No stage of the sales pipeline counted as accepted in the previous period, so accepted sales have "
            "nothing to compare with."
        )
    else:
        return
    yield NoteView(words("No data"), text)


def _pipeline(words: Words, comparison: Comparison) -> str:
    text = words(
        "A sale counts in every stage it has passed, so stages must not be added up. “Reached” is the number of sales "
        "in a stage as a share of the stage before it."
    )
    if len(comparison.stages) > MOST_STAGES:
        total = words.digits(len(comparison.stages))
        shown = words("%(shown)s of %(total)s stages are shown.", shown=words.digits(MOST_STAGES), total=total)
        return words.sentences((text, shown))
    return text


def _windows(words: Words, data: ReportData, comparison: Comparison) -> Iterator[NoteView]:
    """Notes on the exact windows, unequal lengths, and missing data."""
    yield NoteView(words("This period"), exact_dates(words, data.window))
    yield NoteView(words("Previous period"), exact_dates(words, data.previous.window))
    if comparison.unequal:
        text = words(
            "%(days)s days, compared with %(before)s: counts and amounts are also given per day.",
            days=words.digits(comparison.days),
            before=words.digits(comparison.previous_days),
        )
        yield NoteView(words("Unequal periods"), text)
    if data.window.is_partial:
        text = words("The period is not over yet. It is compared with an equally long span before it.")
        yield NoteView(words("So far"), text)
    missing = sum(snapshot is None for snapshot in data.history)
    if missing:
        text = words.plural(
            "%(count)s earlier period could not be read; the lines have a gap there.",
            "%(count)s earlier periods could not be read; the lines have gaps there.",
            missing,
            count=words.digits(missing),
        )
        yield NoteView(words("Not available"), text)
