"""The notes of a report: definitions of figures, the exact windows, and limits of the comparison."""

from collections.abc import Iterator

from reporter.analysis.behavior import SCALING
from reporter.analysis.comparison import Comparison
from reporter.analysis.metrics import lacks_accepted_stage, shown_metrics
from reporter.domain.report import ReportData, Section
from reporter.domain.strings import mark
from reporter.domain.window import Window
from reporter.rendering import phrases
from reporter.rendering.dates import exact_span
from reporter.rendering.numbers import Numbers
from reporter.rendering.tables import MOST_STAGES
from reporter.rendering.translation import Words
from reporter.rendering.view import NoteView

USUAL_RANGE = mark(
    "Where a figure usually lies, shaded in its line: the average of the earlier periods, more or less %(scaling)s "
    "times the average step from one to the next (a process behaviour chart). A figure outside it, or eight in a row "
    "on one side of the average, is more than usual variation."
)


def notes(words: Words, data: ReportData, comparison: Comparison) -> tuple[NoteView, ...]:
    """All notes of a report, definitions first."""
    shown = shown_metrics(data.settings.figures)
    definitions = (NoteView(words(each.title), words(each.definition)) for each in shown if each.definition)
    return (*definitions, *_readings(words, data, comparison), *_windows(words, data, comparison))


def _readings(words: Words, data: ReportData, comparison: Comparison) -> Iterator[NoteView]:
    """Notes on how to read changes, stages, and amounts."""
    yield NoteView(
        words("Changes"),
        words(
            "Rates change in percentage points. “Usual variation” marks a difference within the usual range, “may be "
            "chance” one of a size that often comes about by itself. An answer counts for the period in which its "
            "conversation began, even if it comes later, so the previous period has had longer to collect answers."
        ),
    )
    if any(comparison.metrics[metric.key].behaviour.usual for metric in shown_metrics(data.settings.figures)):
        scaling = Numbers(words, None).exact(SCALING)
        yield NoteView(words("Usual range"), words(USUAL_RANGE, scaling=scaling))
    if Section.PIPELINE in data.settings.sections and comparison.stages:
        yield NoteView(words("Pipeline"), _pipeline(words, comparison))
    if any(metric.of_accepted_stage for metric in shown_metrics(data.settings.figures)):
        yield from _accepted(words, data)
    if data.current.sales is not None:
        note = words(phrases.CURRENCY_NOTES[data.settings.currency_source])
        yield NoteView(words("Currency"), note % {"currency": data.settings.currency or ""})


def _accepted(words: Words, data: ReportData) -> Iterator[NoteView]:
    """Notes on why accepted sales have no figure, or none to compare with."""
    if lacks_accepted_stage(data.current):
        text = words(
            "No stage of the sales pipeline counts as accepted in this period, so the number and value of accepted "
            "sales are not known."
        )
        yield NoteView(words("No data"), text)
    elif lacks_accepted_stage(data.previous):
        text = words(
            "No stage of the sales pipeline counted as accepted in the previous period, so accepted sales have "
            "nothing to compare with."
        )
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
    yield NoteView(words("This period"), _window(words, data.window))
    yield NoteView(words("Previous period"), _window(words, data.previous.window))
    if comparison.unequal:
        text = words(
            "%(days)s days, compared with %(before)s: counts and amounts are also given per day.",
            days=words.digits(comparison.days),
            before=words.digits(comparison.previous_days),
        )
        yield NoteView(words("Unequal periods"), text)
    if data.window.is_partial:
        yield NoteView(
            words("So far"), words("The period is not over yet. It is compared with an equally long span before it.")
        )
    missing = sum(snapshot is None for snapshot in data.history)
    if missing:
        text = words.plural(
            "%(count)s earlier period could not be read; the lines have a gap there.",
            "%(count)s earlier periods could not be read; the lines have gaps there.",
            missing,
            count=words.digits(missing),
        )
        yield NoteView(words("Not available"), text)


def _window(words: Words, window: Window) -> str:
    local, universal = exact_span(words, window)
    return words(
        "%(local)s (%(zone)s), the end not included; in UTC: %(universal)s.",
        local=local,
        zone=window.timezone,
        universal=universal,
    )
