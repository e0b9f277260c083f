"""The pipeline of a report: fetch ▸ render ▸ archive ▸ deliver; and of many reports concurrently.

A report is archived before delivery, so that every email can be traced to its files. The ledger is written before and
after sending, so that the next run detects a crash in between.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from reporter import __version__
from reporter.archive.edition import DATA, PDF, RECEIPT, Edition, StoredEdition
from reporter.archive.history_source import recall
from reporter.archive.rerender import edition_files
from reporter.archive.store import Archive
from reporter.codec import decode, parse, version_of
from reporter.delivery.channel import Delivery, DeliveryStatus
from reporter.delivery.receipt import Receipt, read_receipt
from reporter.delivery_service import DeliveryService, EmailableEdition
from reporter.domain.errors import ArchiveError, LedgerError, ReporterError, UsageError
from reporter.domain.report import Revision
from reporter.fetch import Source, fetch
from reporter.files import read
from reporter.ledger.ledger import Ledger
from reporter.ledger.record import WindowState
from reporter.message_composition import SenderSettings, key_of
from reporter.outcome import ReportOutcome, delivered, failed, skipped, waiting
from reporter.planning import PlannedReport
from reporter.rendering.rendered_report import ReportFiles, make_document
from reporter.rendering.text import missing_glyphs
from reporter.rendering.worker import RenderPool

log = structlog.get_logger(__name__)

AT_ONCE = 8
"""Concurrent reports: enough to keep the network and every core busy, few enough for the memory."""


@dataclass(frozen=True)
class RunContext:
    """What a run works with. Without `post`, reports are only rendered and archived; `force` is the operator's reason.

    `now` is the run's only reading of the clock. `step` is called with each report's progress, to show it.
    """

    source: Source
    archive: Archive
    book: Ledger
    pool: RenderPool
    now: datetime
    post: SenderSettings | None = None
    force: str | None = None
    step: Callable[[PlannedReport, str], None] = lambda _report, _step: None
    handover: DeliveryService = field(init=False)

    def __post_init__(self) -> None:
        """Create the delivery service."""
        object.__setattr__(self, "handover", DeliveryService(self.archive, self.book, self.post))


async def run_all(
    reports: Sequence[PlannedReport], tools: RunContext
) -> tuple[tuple[ReportOutcome, ...], ArchiveError | None]:
    """The outcome of every report, in order, and the error that kept the archive's index or manifest incomplete.

    An error in one report affects no other, and one in the archive hides no delivery. Reports of the same organization
    and period run one after the other, in the given order.
    """
    slots = asyncio.Semaphore(AT_ONCE)
    turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def in_turn(report: PlannedReport) -> ReportOutcome:
        async with turns[report.organization.id, report.window.period], slots:
            return await _guarded(report, tools)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(report)) for report in reports]
        outcomes = tuple(task.result() for task in tasks)
    finally:
        tools.handover.close()
        trouble = _closed(tools.archive)
    return outcomes, trouble


def _closed(archive: Archive) -> ArchiveError | None:
    """Close the archive; return the error that left it incomplete, if any."""
    try:
        archive.close()
    except ArchiveError as error:
        log.error("archive.incomplete", reason=str(error))  # noqa: TRY400 - the message is sufficient
        return error
    return None


async def _guarded(report: PlannedReport, tools: RunContext) -> ReportOutcome:
    """The outcome of one report, including unexpected errors."""
    with structlog.contextvars.bound_contextvars(organization=report.organization.id, window=report.window.label):
        try:
            outcome = await run_report(report, tools)
        except ReporterError as error:
            outcome = failed(report, str(error), error)
        except Exception as error:  # the only such place: an unexpected error fails this report alone
            log.exception("report.crashed")
            outcome = failed(report, f"A fault of the program, {type(error).__name__}: its log tells where.")
        log.info("report.done", status=outcome.status)
    tools.step(report, outcome.status)
    return outcome


async def run_report(report: PlannedReport, tools: RunContext) -> ReportOutcome:
    """Run one report end to end; recipients who already have it are left out."""
    async with tools.archive.editing(report.organization, report.window) as folder:
        if folder is None:
            return waiting(report)
        receipt = read_receipt(tools.archive.root, folder / RECEIPT)
        standing = await _standing(report, tools, receipt)
        kept = tools.archive.find(report.organization, report.window)
        if _nothing_to_do(report, tools, standing):
            return skipped(report, _told(report, standing), tools.handover.caught_up(standing, kept, receipt))
        is_out = kept and receipt and receipt.revision == standing.revision and standing.is_out
        if kept and not is_out and (receipt is None or receipt.revision == standing.revision):
            _warn_of_another_version(tools, kept)
        made = await (_again(report, tools, kept) if kept and is_out else _made(report, tools, standing))
        deliveries = await tools.handover.deliver(report, standing, made, partial(_enter, report, tools, "deliver"))
        kept = tools.handover.receipted(standing, made, deliveries)
        return delivered(report, made.data.settings.currency, kept, deliveries)


async def _standing(report: PlannedReport, tools: RunContext, receipt: Receipt | None) -> WindowState:
    """The window's state in the ledger; with `force`, and a recipient for it, a new revision is planned first."""
    standing = await tools.handover.standing(report)
    if receipt and (forgotten := _forgotten(receipt, standing)):
        raise LedgerError(
            f"The archive's receipt tells of a mail to {forgotten} that the ledger knows nothing of, so nothing is "
            "sent: put back the ledger as it was last, or let `hyperrep-report resolve --from-receipts` mend it."
        )
    keys = [key_of(report, to, standing.revision + 1) for to in report.config.recipients]
    if not tools.force or not keys or not standing.anyone_has_it:
        return standing
    return await asyncio.to_thread(tools.book.revise, keys, report.organization.name, tools.force)


def _forgotten(receipt: Receipt, standing: WindowState) -> str | None:
    """A recipient with an email in the receipt but not in the ledger: an older ledger was restored."""
    known = {recipient: record.revision for recipient, record in standing.latest.items()}
    sent = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN}
    lines = (line for line in receipt.deliveries if line.status in sent)
    return next((line.recipient for line in lines if known.get(line.recipient, 0) < line.revision), None)


def _nothing_to_do(report: PlannedReport, tools: RunContext, standing: WindowState) -> bool:
    """Whether no recipient is left; a run without email does not replace an edition that any recipient has."""
    if tools.post is None:
        return standing.anyone_has_it
    recipients = {to.canonical for to in report.config.recipients}
    settled = {record.recipient for record in standing.settled(recipients)}
    return bool(standing.records) and recipients <= settled


def _told(report: PlannedReport, standing: WindowState) -> tuple[Delivery, ...]:
    """The deliveries to this report's recipients; if it has none, to all."""
    recipients = [to.canonical for to in report.config.recipients] or standing.latest
    return tuple(standing.latest[each].delivery for each in recipients if each in standing.latest)


async def _made(report: PlannedReport, tools: RunContext, standing: WindowState) -> EmailableEdition:
    """Render and archive a new edition from the API's current data."""
    _enter(report, tools, "fetch")
    made_on = tools.now.astimezone(ZoneInfo(report.window.timezone)).date()
    past = await asyncio.to_thread(
        recall,
        tools.archive,
        report.organization,
        report.window,
        revision=standing.revision,
        figures=report.config.figures,
    )
    data = replace(await fetch(tools.source, report, made_on, past), stamp=_stamp(standing))
    if lost := missing_glyphs(data):
        log.warning("characters.undrawn", characters=lost, shown_as="?")
    _enter(report, tools, "render")
    rendering = tools.pool.run(make_document, data, report.config.pdf_password)
    document, _ = await asyncio.gather(rendering, asyncio.to_thread(tools.archive.get_ready))
    folder = tools.archive.folder(report.organization, report.window)
    files = {**edition_files(document.files), RECEIPT: tools.handover.receipt(standing, folder)}
    kept = tools.archive.keep(Edition(data.organization, data.window, files, standing.revision))
    return EmailableEdition(data, document, kept)


def _warn_of_another_version(tools: RunContext, kept: StoredEdition) -> None:
    """Warn that this run replaces an unsent edition that was rendered by another version."""
    with suppress(ArchiveError):  # a damaged edition is replaced without a warning
        version = version_of(parse(read(tools.archive.root, kept.folder / DATA)))
        if version != __version__:
            log.warning("edition.replaced", rendered_by_version=version, now_by_version=__version__)


def _stamp(standing: WindowState) -> Revision | None:
    """The stamp of a revision; the first edition has none."""
    return Revision(standing.revision, standing.reason or "") if standing.revision > 1 else None


async def _again(report: PlannedReport, tools: RunContext, kept: StoredEdition) -> EmailableEdition:
    """Reuse the edition that a recipient may already have; UsageError if the others are configured differently."""
    files = ReportFiles((kept.folder / PDF).read_bytes(), (kept.folder / DATA).read_bytes())
    data = decode(parse(files.data))
    had, wanted = (data.window.timezone, data.settings.locale), (report.window.timezone, report.config.locale)
    if had != wanted:
        raise UsageError(
            f"A reader has this report for {had[0]} in {had[1]}, not for {wanted[0]} in {wanted[1]}: "
            "send the others the same, or all of them another with --force REASON."
        )
    return EmailableEdition(data, await tools.pool.run(make_document, data, report.config.pdf_password, files), kept)


def _enter(report: PlannedReport, tools: RunContext, step: str) -> None:
    """Report the step that begins, to the log and to the observer."""
    log.info("report.step", step=step)
    tools.step(report, step)
