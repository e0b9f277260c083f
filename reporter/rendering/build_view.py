"""Build the view: the finished texts of one report in its language, from the comparison and the headlines."""

from collections.abc import Sequence

from reporter import __version__
from reporter.analysis.comparison import Comparison, measures
from reporter.analysis.highlights import Headline
from reporter.domain.report import ReportData, Revision, Section, Stamp
from reporter.domain.strings import mark
from reporter.domain.window import Period, local_midnight
from reporter.rendering import brand
from reporter.rendering.dates import capitalized, dates, day, window_name
from reporter.rendering.figures import figure_view
from reporter.rendering.headlines import headline_note, headline_text
from reporter.rendering.notes import data_quality_warnings, notes, restated, stamp_note
from reporter.rendering.numbers import Numbers
from reporter.rendering.tables import channel_rows, part_rows, stage_rows
from reporter.rendering.text import clean
from reporter.rendering.translation import Words, parse_locale
from reporter.rendering.view import FigureView, NoteView, ReportView

NAME_LIMIT = 120
"""Maximum length of an organization's name in a document, in characters."""

_KINDS = {
    Period.DAY: mark("Daily report"),
    Period.WEEK: mark("Weekly report"),
    Period.MONTH: mark("Monthly report"),
    Period.QUARTER: mark("Quarterly report"),
    Period.YEAR: mark("Yearly report"),
    Period.CUSTOM: mark("Report"),
}


def build_view(data: ReportData, comparison: Comparison, headlines: Sequence[Headline]) -> ReportView:
    """Build everything that templates show, as finished text."""
    settings, window = data.settings, data.window
    locale = parse_locale(settings.locale)
    words = Words(locale)
    numbers = Numbers(words, settings.currency)
    name = clean(data.organization.name, NAME_LIMIT) or words("Unnamed organization")
    organization = words.isolated(name)
    period = window_name(words, window)
    heading = capitalized(period)
    title = f"{organization} – {heading}"
    filename = f"{name} – {heading}.pdf"
    stamp = stamp_note(words, data.stamp)
    figures = tuple(figure_view(numbers, data, comparison, key) for key in settings.figures)
    sentences = tuple(headline_text(numbers, headline) for headline in headlines)
    figure = _subject_figure(words, figures, headlines)
    subject = words("%(organization)s, %(period)s: %(figure)s", organization=organization, period=period, figure=figure)
    has_pipeline = Section.PIPELINE in settings.sections
    return ReportView(
        language=str(locale).replace("_", "-"),
        direction="rtl" if words.is_rtl else "ltr",
        paper=settings.paper.value,
        numbering="decimal" if words.digits(0) == "0" else "arabic-indic",
        title=f"{title} · {stamp.term}" if stamp else title,
        kind=words(_KINDS[window.period]),
        organization=organization,
        period=heading,
        facts=_facts(words, data),
        stamp=stamp,
        headlines=sentences,
        lead=headline_note(numbers, headlines[0]) if headlines else None,
        figures=figures,
        channels=channel_rows(numbers, comparison) if Section.CHANNELS in settings.sections else None,
        stages=stage_rows(numbers, comparison) if has_pipeline else None,
        parts=part_rows(numbers, comparison) if has_pipeline else (),
        restated=tuple(restated(numbers, data)),
        doubts=tuple(data_quality_warnings(numbers, data)),
        notes=notes(numbers, data, comparison),
        measures=measures(comparison, settings.targets),
        brand=brand.view(words, settings.brand),
        created=local_midnight(data.made_on, window.timezone).isoformat(),
        generator=f"hyperrep-report {__version__}",
        subject=_stamped(words, data.stamp, subject),
        preheader=sentences[0] if sentences else "",
        filename=filename,
        attachment=words.isolated(filename),
    )


def _facts(words: Words, data: ReportData) -> tuple[NoteView, ...]:
    """The facts at the top; a partial period is compared with dates, since "so far" does not apply to them."""
    before = data.previous.window
    return (
        NoteView(words("Compared with"), dates(words, before) if before.is_partial else window_name(words, before)),
        NoteView(words("Data as of"), day(words, data.made_on)),
        NoteView(words("Time zone"), data.window.timezone),
    )


def _subject_figure(words: Words, figures: Sequence[FigureView], headlines: Sequence[Headline]) -> str:
    """The first headline's figure, or the first figure, for the email's subject."""
    leading = next((headline.metric.key for headline in headlines if headline.metric), None)
    values = [value for figure in figures for value in figure.values]
    value = next((value for value in values if value.key == leading), values[0])
    text = f"{value.name} {value.value}"
    return words.listed((text, value.change.text)) if value.change.shape else text


def _stamped(words: Words, stamp: Stamp | None, subject: str) -> str:
    """The subject, prefixed with the kind of a report that is not an ordinary one."""
    if stamp is None:
        return subject
    if isinstance(stamp, Revision):
        return words("Revised: %(subject)s", subject=subject)
    return words("Test: %(subject)s", subject=subject)
