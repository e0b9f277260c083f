"""The pipeline of a report: fetch ▸ render ▸ archive ▸ deliver; and of many reports concurrently.

A report is archived before delivery, so that every email can be traced to its files. The ledger is written before and
after sending, so that the next run detects a crash in between.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from reporter import __version__
from reporter.archive.archived_reports import recall
from reporter.archive.edition import DATA, PDF, RECEIPT, Edition, StoredEdition, edition_files
from reporter.archive.store import Archive
from reporter.codec import decode, parse, version_of
from reporter.delivery.channel import Delivery, DeliveryStatus
from reporter.delivery.receipt import Receipt, read_receipt
from reporter.delivery_service import DeliveryService, EmailableEdition, receipt_of
from reporter.domain.errors import ArchiveError, LedgerError, ReporterError, UsageError
from reporter.domain.report import Revision
from reporter.fetch import Source, fetch
from reporter.files import read
from reporter.ledger.record import WindowState
from reporter.outcome import ReportOutcome, delivered, failed, skipped, waiting
from reporter.planning import PlannedReport
from reporter.rendering.rendered_report import ReportFiles, make_document
from reporter.rendering.text import missing_glyphs
from reporter.rendering.worker import RenderPool

log = structlog.get_logger(__name__)

AT_ONCE = 8
"""Concurrent reports: enough to keep the network and every core busy, few enough for the memory."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run works with; `force` is the operator's reason to send again.

    `now` is the run's only reading of the clock. `step` is called with each report's progress, to show it.
    """

    source: Source
    archive: Archive
    pool: RenderPool
    delivery: DeliveryService
    now: datetime
    force: str | None = None
    step: Callable[[PlannedReport, str], None] = lambda _report, _step: None


async def run_all(
    reports: Sequence[PlannedReport], context: RunContext
) -> tuple[tuple[ReportOutcome, ...], ArchiveError | None]:
    """The outcome of every report, in order, and the error that kept the archive's index or manifest incomplete.

    An error in one report affects no other, and one in the archive hides no delivery. Reports of the same organization
    and period run one after the other, in the given order.
    """
    slots = asyncio.Semaphore(AT_ONCE)
    turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def in_turn(report: PlannedReport) -> ReportOutcome:
        async with turns[report.organization.id, report.window.period], slots:
            return await _guarded(report, context)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(report)) for report in reports]
        outcomes = tuple(task.result() for task in tasks)
    finally:
        context.delivery.close()
        error = _close(context.archive)
    return outcomes, error


async def run_report(report: PlannedReport, context: RunContext) -> ReportOutcome:
    """Run one report end to end; recipients who already have it are left out."""
    async with context.archive.editing(report.organization, report.window) as folder:
        if folder is None:
            return waiting(report)
        receipt = read_receipt(context.archive.root, folder / RECEIPT)
        state = await _window_state(report, context, receipt)
        stored = context.archive.find(report.organization, report.window)
        if _nothing_to_do(report, context, state):
            context.delivery.complete_receipt(stored, receipt, state)
            return skipped(report, _known_deliveries(report, state), stored)
        if stored and receipt and receipt.revision == state.revision and state.is_out:
            edition = await _reuse(report, context, stored, receipt)
        else:
            if stored and (receipt is None or receipt.revision == state.revision):
                _warn_of_another_version(context, stored)
            edition = await _render(report, context, state, receipt)
        begin = partial(_begin, report, context, "deliver")
        deliveries = await context.delivery.deliver(report, edition, state, begin)
        return delivered(report, edition.data.settings.currency, edition.stored, deliveries)


async def _guarded(report: PlannedReport, context: RunContext) -> ReportOutcome:
    """The outcome of one report, including unexpected errors."""
    with structlog.contextvars.bound_contextvars(organization=report.organization.id, window=report.window.label):
        try:
            outcome = await run_report(report, context)
        except ReporterError as error:
            outcome = failed(report, str(error), error)
        except Exception as error:  # the only such place: an unexpected error fails this report alone
            log.exception("report.crashed")
            outcome = failed(report, f"Internal error ({type(error).__name__}); see the log for details.")
        log.info("report.done", status=outcome.status)
    context.step(report, outcome.status)
    return outcome


def _close(archive: Archive) -> ArchiveError | None:
    """Close the archive; return the error that left it incomplete, if any."""
    try:
        archive.close()
    except ArchiveError as error:
        log.error("archive.incomplete", reason=str(error))  # noqa: TRY400 - the message is sufficient
        return error
    return None


async def _window_state(report: PlannedReport, context: RunContext, receipt: Receipt | None) -> WindowState:
    """The window's state in the ledger; with `force`, and a recipient for it, a new revision is planned first."""
    state = await context.delivery.window_state(report)
    if receipt and (recipient := _missing_in_ledger(receipt, state)):
        raise LedgerError(
            f"The archive's receipt lists an email to {recipient} that is missing in the ledger, so nothing is sent: "
            "restore the latest copy of the ledger, or run `hyperrep-report resolve --from-receipts`."
        )
    if context.force and report.config.recipients and state.anyone_has_it:
        return await context.delivery.revise(report, state.revision + 1, context.force)
    return state


def _missing_in_ledger(receipt: Receipt, state: WindowState) -> str | None:
    """A recipient with an email in the receipt but not in the ledger: an older ledger was restored."""
    known = {recipient: record.revision for recipient, record in state.latest.items()}
    sent = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN, DeliveryStatus.SENDING}
    lines = (line for line in receipt.deliveries if line.status in sent)
    return next((line.recipient for line in lines if known.get(line.recipient, 0) < line.revision), None)


def _nothing_to_do(report: PlannedReport, context: RunContext, state: WindowState) -> bool:
    """Whether no recipient is left; a run without email does not replace an edition that any recipient has."""
    if not context.delivery.sends:
        return state.anyone_has_it
    recipients = {to.canonical for to in report.config.recipients}
    settled = {record.recipient for record in state.settled(recipients)}
    return bool(state.records) and recipients <= settled


def _known_deliveries(report: PlannedReport, state: WindowState) -> tuple[Delivery, ...]:
    """The deliveries to this report's recipients; if it has none, to all."""
    recipients = [to.canonical for to in report.config.recipients] or state.latest
    return tuple(state.latest[each].delivery for each in recipients if each in state.latest)


async def _render(
    report: PlannedReport, context: RunContext, state: WindowState, receipt: Receipt | None
) -> EmailableEdition:
    """Render and archive a new edition from the API's current data."""
    _begin(report, context, "fetch")
    made_on = context.now.astimezone(ZoneInfo(report.window.timezone)).date()
    past = await asyncio.to_thread(
        recall,
        context.archive,
        report.organization,
        report.window,
        revision=state.revision,
        figures=report.config.figures,
    )
    data = replace(await fetch(context.source, report, made_on, past), stamp=_stamp(state))
    if lost := missing_glyphs(data):
        log.warning("characters.undrawn", characters=lost, shown_as="?")
    _begin(report, context, "render")
    rendering = context.pool.run(make_document, data, report.config.pdf_password)
    document, _ = await asyncio.gather(rendering, asyncio.to_thread(context.archive.get_ready))
    receipt = receipt_of(state, receipt)
    files = {**edition_files(document.files), RECEIPT: receipt.as_bytes()}
    stored = context.archive.keep(Edition(data.organization, data.window, files, state.revision))
    return EmailableEdition(data, document, stored, receipt)


def _warn_of_another_version(context: RunContext, stored: StoredEdition) -> None:
    """Warn that this run replaces an unsent edition that was rendered by another version."""
    with suppress(ArchiveError):  # a damaged edition is replaced without a warning
        version = version_of(parse(read(context.archive.root, stored.folder / DATA)))
        if version != __version__:
            log.warning("edition.replaced", rendered_by_version=version, now_by_version=__version__)


def _stamp(state: WindowState) -> Revision | None:
    """The stamp of a revision; the first edition has none."""
    return Revision(state.revision, state.reason or "") if state.revision > 1 else None


async def _reuse(
    report: PlannedReport, context: RunContext, stored: StoredEdition, receipt: Receipt
) -> EmailableEdition:
    """Reuse the edition that a recipient may already have; UsageError if the others are configured differently."""
    files = ReportFiles((stored.folder / PDF).read_bytes(), (stored.folder / DATA).read_bytes())
    data = decode(parse(files.data))
    had, wanted = (data.window.timezone, data.settings.locale), (report.window.timezone, report.config.locale)
    if had != wanted:
        raise UsageError(
            f"A recipient has this report for {had[0]} in {had[1]}, not for {wanted[0]} in {wanted[1]}: "
            "send the others the same, or send all of them a new one with --force REASON."
        )
    document = await context.pool.run(make_document, data, report.config.pdf_password, files)
    return EmailableEdition(data, document, stored, receipt)


def _begin(report: PlannedReport, context: RunContext, step: str) -> None:
    """Report the step that begins, to the log and to the observer."""
    log.info("report.step", step=step)
    context.step(report, step)
