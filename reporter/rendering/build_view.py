"""Build the view: the finished texts of one report in its language, from the comparison and the headlines."""

from collections.abc import Sequence

from reporter import __version__
from reporter.analysis.comparison import Comparison
from reporter.analysis.highlights import Headline
from reporter.analysis.measures import measures
from reporter.domain.report import ReportData, Section
from reporter.domain.window import Window, local_midnight
from reporter.rendering import brand, phrases
from reporter.rendering.caveats import doubts, restated
from reporter.rendering.dates import capitalized, dates, day, window_name
from reporter.rendering.figures import figure_view
from reporter.rendering.headlines import headline_note, headline_text
from reporter.rendering.notes import notes
from reporter.rendering.numbers import Numbers
from reporter.rendering.stamp import stamp_note, stamped
from reporter.rendering.tables import channel_rows, part_rows, stage_rows
from reporter.rendering.text import clean
from reporter.rendering.translation import Words, parse_locale
from reporter.rendering.view import FigureView, NoteView, ReportView

NAME_LIMIT = 120
"""Maximum length of an organization's name in a document, in characters."""


def build_view(data: ReportData, comparison: Comparison, headlines: Sequence[Headline]) -> ReportView:
    """Build everything that templates show, as finished text."""
    locale = parse_locale(data.settings.locale)
    words = Words(locale)
    numbers = Numbers(words, data.settings.currency)
    name = clean(data.organization.name, NAME_LIMIT) or words("Unnamed organization")
    organization = words.apart(name)
    period = window_name(words, data.window)
    figures = tuple(figure_view(numbers, data, comparison, key) for key in data.settings.figures)
    said = tuple(headline_text(numbers, headline) for headline in headlines)
    stamp = stamp_note(words, data.stamp)
    heading = capitalized(period)
    title = f"{organization} – {heading}"
    filename = f"{name} – {heading}.pdf"
    figure = _subject_figure(words, figures, headlines)
    subject = words("%(organization)s, %(period)s: %(figure)s", organization=organization, period=period, figure=figure)
    return ReportView(
        language=str(locale).replace("_", "-"),
        direction="rtl" if words.is_rtl else "ltr",
        paper=data.settings.paper.value,
        numbering=words.numbering,
        title=f"{title} · {stamp.term}" if stamp else title,
        kind=words(phrases.TITLES[data.window.period]),
        organization=organization,
        period=heading,
        facts=_facts(words, data),
        stamp=stamp,
        headlines=said,
        lead=headline_note(numbers, headlines[0]) if headlines else None,
        figures=figures,
        channels=channel_rows(numbers, comparison) if Section.CHANNELS in data.settings.sections else None,
        stages=stage_rows(numbers, comparison) if Section.PIPELINE in data.settings.sections else None,
        parts=part_rows(numbers, comparison) if Section.PIPELINE in data.settings.sections else (),
        restated=restated(numbers, data),
        doubts=doubts(numbers, data),
        notes=notes(words, data, comparison),
        measures=measures(comparison, data.settings.targets),
        brand=brand.view(words, data.settings.brand),
        created=local_midnight(data.made_on, data.window.timezone).isoformat(),
        generator=f"hyperrep-report {__version__}",
        subject=stamped(words, data.stamp, subject),
        preheader=said[0] if said else "",
        filename=filename,
        attachment=words.apart(filename),
    )


def _compared(words: Words, window: Window) -> str:
    """The previous window's name; for a partial period its dates, since "so far" does not apply to it."""
    return dates(words, window) if window.is_partial else window_name(words, window)


def _facts(words: Words, data: ReportData) -> tuple[NoteView, ...]:
    return (
        NoteView(words("Compared with"), _compared(words, data.previous.window)),
        NoteView(words("Data as of"), day(words, data.made_on)),
        NoteView(words("Time zone"), data.window.timezone),
    )


def _subject_figure(words: Words, figures: Sequence[FigureView], headlines: Sequence[Headline]) -> str:
    """The first headline's figure, or the first figure, for the email's subject."""
    leading = next((headline.metric.key for headline in headlines if headline.metric), None)
    values = [value for figure in figures for value in figure.values]
    value = next((value for value in values if value.key == leading), values[0])
    changed = value.change.text if value.change.shape else ""
    said = f"{value.name} {value.value}"
    return words.listed((said, changed)) if changed else said
