"""Checks of rendering on this machine: the document engine, every template in use, and the fonts."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_symbol

from reporter.config.settings import ReportConfig
from reporter.doctor.check_result import CheckResult, Subject, counted, problem, warning, well
from reporter.domain.errors import RenderError, ReporterError, UsageError
from reporter.domain.report import ReportData
from reporter.fetch import fetch
from reporter.planning import Directory, PlannedReport, resolve_window
from reporter.rendering.acceleration.guard import AccelerationStatus
from reporter.rendering.pdf import INSTALL, renderer
from reporter.rendering.rendered_report import make_document
from reporter.rendering.text import missing
from reporter.rendering.translation import parse_locale
from reporter.rendering.typefaces import FAMILY, has_east_asian
from reporter.rendering.typefaces import INSTALL as FONTS
from reporter.sandbox.source import SandboxSource

MOST_TEMPLATES = 20
"""Maximum number of templates to render: an agency may have a thousand, at a tenth of a second each."""

_SHOWN = 5


def documents(subject: Subject) -> CheckResult:
    """Check that the document engine works with the bundled fonts, by rendering a document."""
    assert subject.worker is not None
    try:
        return engine(*subject.worker.run(_render))
    except RenderError as error:
        return problem("no document can be rendered", str(error))


def _render() -> tuple[bool, AccelerationStatus]:
    """Render a document. Whether HarfBuzz subsets fonts, and whether WeasyPrint is accelerated. Raises RenderError."""
    pdf = renderer()
    pdf.render("<title>x</title><p>Ää €", f"p {{ font: 10pt '{FAMILY}' }}")
    return pdf.has_subsetter, pdf.acceleration


def engine(has_subsetter: bool, acceleration: AccelerationStatus) -> CheckResult:  # noqa: FBT001  # the two results of a rendering
    """Result for a document engine that works: a warning if it is slower than necessary."""
    slow, hints = [], []
    if not has_subsetter:
        slow.append("libharfbuzz-subset is missing, so they take four times as long")
        hints.append(INSTALL)
    if acceleration.hint:
        slow.append(f"rendering is not accelerated, because {acceleration.reason}")
        hints.append(acceleration.hint)
    if slow:
        return warning(f"documents are complete, but slow to render: {'; '.join(slow)}", *hints)
    text = "a document was rendered with the fonts of the software"
    return well(text if acceleration.is_active else f"{text}, not accelerated, because {acceleration.reason}")


def templates(subject: Subject) -> CheckResult:
    """Check that every template in use renders a report in its languages, with the sandbox's figures."""
    reports = list({(report.template, report.locale, report.brand): report for report in subject.reports}.values())
    errors = asyncio.run(_errors(reports[:MOST_TEMPLATES], subject))
    if errors:
        exit_code = 2 if any(isinstance(error, UsageError) for error in errors) else 1
        text = f"no report can be rendered with {counted(len(errors), 'template')} of {len(reports)}"
        return problem(text, *dict.fromkeys(map(str, errors)), exit_code=exit_code)
    names = ", ".join(sorted({report.template for report in reports}))
    tried = "" if len(reports) <= MOST_TEMPLATES else f" (the first {MOST_TEMPLATES} of {len(reports)})"
    return well(f"{names}: PDF and email can be rendered{tried}")


def fonts(subject: Subject) -> CheckResult:
    """Check that every character of the texts in use has a glyph; others are rendered as a question mark."""
    texts = dict.fromkeys([*_organizations(subject), *(text for each in subject.reports for text in _texts(each))])
    lacking = {text: lost for text in texts if (lost := missing(text))}
    if not lacking:
        languages = ", ".join(sorted({report.locale.partition("_")[0] for report in subject.reports}))
        return well(f"every character of the names and words in use can be rendered ({languages})")
    shown = ", ".join(f"'{text}' ({lost})" for text, lost in list(lacking.items())[:_SHOWN])
    more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
    fix = (
        "Write the organization's name in HyperRep, and `name` and `footer` in its brand, in letters the fonts have: "
        "Latin, Greek, Cyrillic, Arabic, Hebrew or Devanagari."
    )
    east_asian = [] if has_east_asian() else [f"The fonts for Chinese, Japanese, and Korean are not installed: {FONTS}"]
    return warning(f"no font has some characters of {shown}{more}: a question mark replaces each", fix, *east_asian)


async def _errors(reports: Iterable[ReportConfig], subject: Subject) -> list[ReporterError]:
    assert subject.worker is not None
    errors: list[ReporterError] = []
    for report in reports:
        try:
            data = await _sandbox_data(report, subject)
            await asyncio.wrap_future(subject.worker.submit(make_document, data))
        except ReporterError as error:
            errors.append(error)
    return errors


async def _sandbox_data(report: ReportConfig, subject: Subject) -> ReportData:
    """The data of this report for the sandbox's first organization."""
    today = subject.now.astimezone(ZoneInfo(report.timezone)).date()
    window = resolve_window(
        period=report.period,
        first=None,
        until=None,
        today=today,
        timezone=report.timezone,
        week_start=report.week_start,
        allow_partial=False,
    )
    sandbox = SandboxSource(subject.now)
    organization = (await sandbox.organizations())[0]
    config = replace(report, organization=organization.id)
    return await fetch(sandbox, PlannedReport(organization, config, window), today)


def _organizations(subject: Subject) -> Iterator[str]:
    """The names of the reported organizations: the API's if it answered, else the configured ones."""
    known = subject.answer().organizations or ()
    named = [report.organization for report in subject.config.reports if report.organization]
    if not named:
        yield from (organization.name for organization in known)
    directory = Directory(known)
    for name in named:
        try:
            yield directory.find(name).name
        except UsageError:
            yield name


def _texts(report: ReportConfig) -> Iterator[str]:
    """The texts that configuration and locale contribute to a report."""
    yield from filter(None, (report.brand.name, report.brand.footer))
    locale = parse_locale(report.locale)
    yield from (str(month) for width in ("wide", "abbreviated") for month in locale.months["format"][width].values())
    if report.currency:
        yield get_currency_symbol(report.currency, locale)
