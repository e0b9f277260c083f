"""Checks of this machine: it can render every template in use, and store the archive."""

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
from reporter.rendering.acceleration.guard import AccelerationStatus
from reporter.rendering.pdf import INSTALL, renderer
from reporter.rendering.rendered_report import make_document
from reporter.rendering.typefaces import FAMILY
from reporter.sandbox.source import SandboxSource

MOST_LOOKS = 20
"""Maximum number of templates to render: an agency may have a thousand, at a tenth of a second each."""

LITTLE_SPACE, NO_SPACE = 500_000_000, 20_000_000
"""Free bytes below which to warn, and below which a run of some dozen reports may fail."""


def documents(subject: Subject) -> CheckResult:
    """Check that the document engine works with the bundled fonts, by rendering a document."""
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
    """Result for a document engine that works: a warning if it is slower than necessary."""
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
    """Check that every template in use renders a report in its languages, with the sandbox's figures."""
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
    """Check that the archive's folder is writable, with a temporary file, and has free space."""
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
    """Result for `free` bytes on the disk of the archive in `root`."""
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
    """The data of this report for the sandbox's first organization."""
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
    sandbox = SandboxSource(subject.now)
    organization = (await sandbox.organizations())[0]
    config = replace(look, organization=organization.id)
    return await fetch(sandbox, PlannedReport(organization, config, window), today)


def _nearest(folder: Path) -> Path:
    """The folder itself, or its nearest existing parent."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(place))
