"""Each text is in its place on the page, in the email, and in the plain text, and no other numbers are there.

`test_read_back` checks that these texts equal their numbers, and `test_contents` that the words of the page are
those of the PDF.
"""

from collections.abc import Iterator

from reporter.rendering.render import mail_html, mail_text, page_html
from reporter.rendering.view import ChangeView, ReportView
from tests.golden.editions import Case
from tests.unit.rendering.reading import digits, passed_over, visible
from tests.unit.rendering.reports import EVERY, made
from tests.unit.rendering.words import plain, read


@EVERY
def test_page_shows_each_number_in_its_place(case: Case, locale: str) -> None:
    """Figures and rows are complete; a line chart's alternative text has its figure's numbers."""
    report = made(case, locale)
    page = "".join(read(page_html(report.data, report.view)).texts)
    shown = [*report.view.headlines, *_figures(report.view), *_tables(report.view), *report.view.restated]
    shown += [*report.view.doubts]
    assert not [text for text in passed_over(page, shown)[1:] if digits(text)]


@EVERY
def test_mail_shows_each_number_in_its_place(case: Case, locale: str) -> None:
    """HTML and plain text have headlines, then each figure with change, target, previous value, counts, and range."""
    report = made(case, locale)
    html = "".join(read(mail_html(report.data, report.view)).texts).partition(report.view.preheader)[2]
    bodies = {True: html, False: mail_text(report.data, report.view)}
    for body in bodies.values():
        headlines = passed_over(body, report.view.headlines)
        figures = passed_over(body, [*report.view.headlines[-1:], *_mailed(report.view)])
        noted = passed_over(body, [*report.view.restated, *report.view.doubts])
        assert not [text for text in (*headlines[1:], *noted[1:]) if digits(text)]
        assert not [text for text in figures[2:] if digits(text)]


@EVERY
def test_subject_tells_a_figure_of_the_page(case: Case, locale: str) -> None:
    """The subject has a figure's name, value, and, if it changed, its change, as on the page."""
    report = made(case, locale)
    subject = plain(visible(report.view.subject))
    told = [value for value in report.values() if plain(visible(f"{value.name} {value.value}")) in subject]
    assert told
    assert any(not value.change.shape or plain(visible(value.change.text)) in subject for value in told)


def _figures(view: ReportView) -> Iterator[str]:
    for figure in view.figures:
        yield figure.title
        for place, value in enumerate(figure.values):
            yield from (value.value, _moved(value.change))
            if not place:
                yield from (figure.title, value.value, figure.caption, value.usual) if figure.line else ()
                yield from (figure.caption, figure.target)
            yield from value.details


def _tables(view: ReportView) -> Iterator[str]:
    for channel in view.channels or ():
        yield from (channel.name, channel.value, channel.previous, _moved(channel.change), channel.share)
        yield channel.share_change
    for stage in view.stages or ():
        yield from (stage.name, stage.fate, stage.volume, _moved(stage.volume_change))
        yield from (stage.value, _moved(stage.value_change), stage.step)
    for part in view.parts:
        yield from (part.name, part.value, part.previous, part.effect)


def _mailed(view: ReportView) -> Iterator[str]:
    for figure in view.figures:
        for place, value in enumerate(figure.values):
            yield from (value.name, value.value, _moved(value.change))
            yield "" if place else figure.target
            yield from value.details


def _moved(change: ChangeView) -> str:
    return f"{change.shape}{change.text}"
