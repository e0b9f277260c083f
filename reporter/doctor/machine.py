"""Whether this machine can make documents from every template in use, and keep them."""

import asyncio
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from reporter.archive.lock import STATE
from reporter.config.settings import ReportConfig
from reporter.doctor.check_result import CheckResult, Subject, counted, problem, unchecked, warning, well
from reporter.domain.errors import RenderError, ReporterError, UsageError
from reporter.domain.report import ReportData
from reporter.domain.window import resolve_window
from reporter.fetch import fetch
from reporter.planning import PlannedReport
from reporter.rendering.acceleration.acceleration_status import AccelerationStatus
from reporter.rendering.pdf import INSTALL, renderer
from reporter.rendering.render import make_document
from reporter.rendering.typefaces import FAMILY
from reporter.sandbox.in_process import sandbox_api

MOST_LOOKS = 20
"""Looks that are tried: an agency may have a thousand, and a tenth of a second each is long in all."""

LITTLE_SPACE, NO_SPACE = 500_000_000, 20_000_000
"""Free bytes below which to warn, and below which a run of some dozen reports may fail."""


def documents(subject: Subject) -> CheckResult:
    """Whether the document engine works with the fonts that come with the software, by rendering a document."""
    assert subject.worker is not None
    try:
        return engine(*subject.worker.run(_render))
    except RenderError as error:
        return problem("documents", "no document can be rendered", str(error))


def _render() -> tuple[bool, AccelerationStatus]:
    """Render a document. Whether HarfBuzz subsets fonts, and whether WeasyPrint is accelerated. Raises RenderError."""
    pdf = renderer()
    pdf.render("<title>x</title><p>Ää €", f"p {{ font: 10pt '{FAMILY}' }}")
    return pdf.has_subsetter, pdf.acceleration


def engine(has_subsetter: bool, acceleration: AccelerationStatus) -> CheckResult:  # noqa: FBT001  # the two results of a rendering
    """The finding for a document engine that works: a warning if it is slower than it has to be."""
    check = "documents"
    slow, hints = [], []
    if not has_subsetter:
        slow.append("libharfbuzz-subset is missing, so they take four times as long")
        hints.append(INSTALL)
    if acceleration.hint:
        slow.append(f"rendering is not accelerated, because {acceleration.reason}")
        hints.append(acceleration.hint)
    if slow:
        return warning(check, f"documents are complete, but slow to render: {'; '.join(slow)}", *hints)
    text = "a document was rendered with the fonts of the software"
    return well(check, text if acceleration.is_active else f"{text}, not accelerated, because {acceleration.reason}")


def templates(subject: Subject) -> CheckResult:
    """Whether every template in use makes a report in its languages, tried with the sandbox's figures."""
    check = "templates"
    looks = list({(report.template, report.locale, report.brand): report for report in subject.reports}.values())
    faults = asyncio.run(_faults(looks[:MOST_LOOKS], subject))
    if faults:
        exit_code = 2 if any(isinstance(fault, UsageError) for fault in faults) else 1
        text = f"no report can be made from {counted(len(faults), 'look')} of {len(looks)}"
        return problem(check, text, *dict.fromkeys(map(str, faults)), exit_code=exit_code)
    names = ", ".join(sorted({report.template for report in looks}))
    tried = "" if len(looks) <= MOST_LOOKS else f" (the first {MOST_LOOKS} looks of {len(looks)})"
    return well(check, f"{names}: PDF and mail can be made{tried}")


def archive(subject: Subject) -> CheckResult:
    """Whether the archive's folder can be written, by writing, and has room. Nothing is left there."""
    check, root = "archive", subject.config.output
    if subject.doubts("output"):
        return unchecked(check, "its folder is in doubt", "Mend the configuration first.")
    try:
        for folder in (root, root / STATE):
            with TemporaryDirectory(prefix=".", dir=_nearest(folder)):
                pass
        free = shutil.disk_usage(_nearest(root)).free
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        mend = "Give the user of the runs the right to write there, or name another folder with --output."
        return problem(check, f"{root} cannot be written: {reason}", mend, exit_code=UsageError.exit_code)
    return room(str(root), free)


def room(root: str, free: int) -> CheckResult:
    """What so many free bytes mean for the archive in `root`."""
    check, text = "archive", f"{root} can be written, {free / 1e9:.1f} GB are free"
    mend = "Free some space there, or name another folder with --output."
    if free < NO_SPACE:
        return problem(check, f"{root} has no room: {free / 1e6:.0f} MB are free", mend)
    return warning(check, text, mend) if free < LITTLE_SPACE else well(check, text)


async def _faults(looks: Iterable[ReportConfig], subject: Subject) -> list[ReporterError]:
    assert subject.worker is not None
    faults: list[ReporterError] = []
    for look in looks:
        try:
            data = await _sandbox_data(look, subject)
            await asyncio.wrap_future(subject.worker.submit(make_document, data))
        except ReporterError as error:
            faults.append(error)
    return faults


async def _sandbox_data(look: ReportConfig, subject: Subject) -> ReportData:
    """What a report of this look would be made from, were the sandbox's first organization the one it is about."""
    today = subject.now.astimezone(ZoneInfo(look.timezone)).date()
    window = resolve_window(
        period=look.period,
        first=None,
        until=None,
        today=today,
        timezone=look.timezone,
        week_start=look.week_start,
        allow_partial=False,
    )
    async with sandbox_api(subject.now) as api:
        organization = (await api.organizations())[0]
        config = replace(look, organization=organization.id)
        return await fetch(api, PlannedReport(organization, config, window), today)


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(place))
