"""Implementation of `template check`: render sandbox reports with a template, and report each error once."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import click

from reporter.cli import demo, setup
from reporter.config.settings import Overrides, ReportConfig
from reporter.domain.errors import RenderError
from reporter.domain.report import Brand, ReportData, Revision
from reporter.fetch import fetch
from reporter.planning import PlannedReport
from reporter.rendering.email_bodies import mail_html, mail_text
from reporter.rendering.render import make_pdf, make_view
from reporter.rendering.templates import template_folder
from reporter.rendering.translation import languages, parse_locale
from reporter.rendering.view import ReportView
from reporter.rendering.worker import Worker
from reporter.sandbox.organizations import ORGANIZATIONS
from reporter.sandbox.source import SandboxSource

PARTS: tuple[Callable[[ReportData, ReportView], object], ...] = (make_pdf, mail_html, mail_text)
_LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of report that a template must handle: its label, and its data."""

    name: str
    organization: str = demo.ORGANIZATION
    period: str = "month"
    locale: str = "en_US"
    change: Callable[[ReportData], ReportData] = lambda data: data


def tried(template: str) -> int:
    """Print the template's errors, or that there are none, and return the exit code. Raises UsageError if missing."""
    template_folder(template)
    faults: dict[str, list[str]] = {}
    with Worker() as worker:
        for case, data in asyncio.run(_reports(template, setup.clock())):
            for fault in _faults(data, worker):
                faults.setdefault(fault, []).append(case.name)
    for fault, names in faults.items():
        click.echo(f"{fault} ({', '.join(dict.fromkeys(names))})")
    if not faults:
        click.echo(f"{template}: no fault in {', '.join(case.name for case in _cases())}")
    return 1 if faults else 0


def _cases() -> Iterator[Case]:
    hostile = next(each.name for each in ORGANIZATIONS if each.name.startswith("<"))
    yield Case("usual figures")
    yield Case("no figures yet", "Not Yet Open GmbH", "week", "de_DE")
    yield Case("hostile names", hostile, locale="fr_FR")
    yield Case("a revision with a logo and targets", change=_dressed)
    yield Case("no tables", change=lambda data: replace(data, settings=replace(data.settings, sections=())))
    for locale in sorted(languages()):
        if parse_locale(locale).text_direction == "rtl":
            yield Case("right to left", locale=locale)
            return


def _dressed(data: ReportData) -> ReportData:
    brand = Brand("Acme & Sons", "#0b5fff", "Acme & Sons, 1 Main Street", _LOGO, "svg")
    settings = replace(data.settings, brand=brand, targets={"response_rate": Decimal("0.8")})
    return replace(data, settings=settings, stamp=Revision(2, "late answers are in"))


async def _reports(template: str, now: datetime) -> list[tuple[Case, ReportData]]:
    """The data of each case, from the sandbox."""
    sandbox = SandboxSource(now)
    return [(case, await _report(case, template, sandbox, now)) for case in _cases()]


async def _report(case: Case, template: str, sandbox: SandboxSource, now: datetime) -> ReportData:
    organization = next(each for each in await sandbox.organizations() if each.name == case.organization)
    overrides = Overrides(template=template, period=case.period, locale=case.locale)
    report: ReportConfig = demo.configuration(overrides, None).sound().defaults
    window = setup.window(report, now, as_of=None)
    return case.change(await fetch(sandbox, PlannedReport(organization, report, window), window.until))


def _faults(data: ReportData, worker: Worker) -> Iterator[str]:
    view = make_view(data)
    for make in PARTS:
        try:
            worker.run(make, data, view)
        except RenderError as error:
            yield str(error)
