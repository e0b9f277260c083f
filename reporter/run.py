"""The way of a report, top to bottom: fetch ▸ make the document ▸ archive ▸ deliver; and of many reports at once.

The archive comes before delivery, so that every mail can be traced to its files; the ledger goes around sending, so
that a crash in between is seen by the next run.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from reporter.archive.codec import decode, parse
from reporter.archive.edition import DATA, PDF, RECEIPT, Edition, Kept
from reporter.archive.remake import edition_files
from reporter.archive.store import Archive
from reporter.delivery.address import reader
from reporter.delivery.deliver import Outgoing, deliver
from reporter.delivery.interface import Delivery
from reporter.delivery.receipt import ReceiptLedger
from reporter.document.edition import Document, make_bodies, make_document, undrawn
from reporter.document.pool import RenderPool
from reporter.errors import ArchiveError, ReporterError, UsageError
from reporter.fetch import Source, fetch
from reporter.mailing import Post, mails
from reporter.outcome import ReportOutcome, delivered, failed, skipped, waiting
from reporter.plan import PlannedReport
from reporter.report import ReportData

log = structlog.get_logger(__name__)

AT_ONCE = 8
"""Reports under way at the same time: enough to keep the network and every core busy, few enough for the memory."""

PARTING = 3.0
"""Seconds that an interrupted run waits for the mail under way; what is not settled then, the next run finds so."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with. Without `post`, reports are only made and kept; `force` is an operator's reason.

    `now` is the run's one reading of the clock. `step` hears of each report's progress, for people to watch.
    """

    source: Source
    archive: Archive
    pool: RenderPool
    now: datetime
    post: Post | None = None
    force: str | None = None
    step: Callable[[PlannedReport, str], None] = lambda _report, _step: None
    postman: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="postman"))
    """The one thread that talks to the mail server, over one connection."""


async def run_all(
    reports: Sequence[PlannedReport], tools: Tools
) -> tuple[tuple[ReportOutcome, ...], ArchiveError | None]:
    """Every report's outcome, in order, and what kept index or manifest from being written.

    One report's trouble is its own, and the archive's hides nobody's mail.
    """
    slots = asyncio.Semaphore(AT_ONCE)

    async def in_turn(report: PlannedReport) -> ReportOutcome:
        async with slots:
            return await _guarded(report, tools)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(report)) for report in reports]
        outcomes = tuple(task.result() for task in tasks)
    finally:
        if tools.post:
            tools.postman.submit(tools.post.transport.close)
        tools.postman.shutdown(wait=False)
        trouble = _closed(tools.archive)
    return outcomes, trouble


def _closed(archive: Archive) -> ArchiveError | None:
    """Close the archive; the error that kept it from being complete."""
    try:
        archive.close()
    except ArchiveError as error:
        log.error("archive.incomplete", reason=str(error))  # noqa: TRY400 - the sentence says it all
        return error
    return None


async def _guarded(report: PlannedReport, tools: Tools) -> ReportOutcome:
    """One report's outcome, whatever happens to it."""
    with structlog.contextvars.bound_contextvars(organization=report.organization.id, window=report.window.label):
        try:
            outcome = await run_report(report, tools)
        except ReporterError as error:
            outcome = failed(report, str(error), error)
        except Exception as error:  # the one place: what nobody foresaw fails this report and no other
            log.exception("report.crashed")
            outcome = failed(report, f"A fault of the program, {type(error).__name__}: its log tells where.")
        log.info("report.done", status=outcome.status)
    tools.step(report, outcome.status)
    return outcome


async def run_report(report: PlannedReport, tools: Tools) -> ReportOutcome:
    """The whole way of one report; what a reader has of it already is left as it is."""
    async with tools.archive.editing(report.organization, report.window) as folder:
        if folder is None:
            return waiting(report)
        ledger = ReceiptLedger(folder / RECEIPT, lock=tools.archive.lock_of(folder / RECEIPT))
        sent = ledger.sent()
        if sent and not tools.force and _all_have_it(report, tools, sent):
            return skipped(report, sent, tools.archive.find(report.organization, report.window))
        kept = tools.archive.find(report.organization, report.window) if sent and not tools.force else None
        data, document, kept = await (_again(report, kept) if kept else _made(report, tools, ledger))
        outgoing = _mails(report, tools, document, data, ledger)
        kept = tools.archive.add(kept, {mail.file: mail.wire for mail in outgoing})
        deliveries = await _delivered(report, outgoing, ledger, tools)
        return delivered(report, data.settings.currency, tools.archive.refresh(kept), deliveries)


async def _made(report: PlannedReport, tools: Tools, ledger: ReceiptLedger) -> tuple[ReportData, Document, Kept]:
    """A new edition in the archive, from what the API says now."""
    _enter(report, tools, "fetch")
    made_on = tools.now.astimezone(ZoneInfo(report.window.timezone)).date()
    data = await fetch(tools.source, report, made_on)
    if lost := undrawn(data):
        log.warning("characters.undrawn", characters=lost, shown_as="?")
    _enter(report, tools, "render")
    document = await tools.pool.run(make_document, data)
    files = dict(edition_files(data, document.view, document.pdf))
    revision = ledger.revision
    if tools.force and ledger.sent():
        revision += 1
        files[RECEIPT] = ledger.revised(tools.force, map(reader, report.config.recipients))
    return data, document, tools.archive.keep(Edition(data.organization, data.window, files, revision))


async def _again(report: PlannedReport, kept: Kept) -> tuple[ReportData, Document, Kept]:
    """The edition that some reader has already: the others get the same bytes, or nothing where they want another."""
    data = decode(parse((kept.folder / DATA).read_bytes()))
    had, wanted = (data.window.timezone, data.settings.locale), (report.window.timezone, report.config.locale)
    if had != wanted:
        raise UsageError(
            f"A reader has this report for {had[0]} in {had[1]}, not for {wanted[0]} in {wanted[1]}: "
            "send the others the same, or all of them another with --force REASON."
        )
    return data, await asyncio.to_thread(make_bodies, data, (kept.folder / PDF).read_bytes()), kept


def _mails(
    report: PlannedReport, tools: Tools, document: Document, data: ReportData, ledger: ReceiptLedger
) -> tuple[Outgoing, ...]:
    """The mails still to be sent; one that a reader has is neither made nor written again."""
    if tools.post is None:
        return ()
    have_it = {delivery.recipient for delivery in ledger.sent()}
    made = mails(report, document, data, tools.post, revision=ledger.revision, files=ledger.files())
    return tuple(mail for mail in made if mail.key.recipient not in have_it)


async def _delivered(
    report: PlannedReport, outgoing: Sequence[Outgoing], ledger: ReceiptLedger, tools: Tools
) -> tuple[Delivery, ...]:
    """What is known of every mail of this edition, those of earlier runs first."""
    before = ledger.sent() if tools.post else ()
    if not outgoing or tools.post is None:
        return before
    _enter(report, tools, "deliver")
    job = tools.postman.submit(deliver, outgoing, ledger, tools.post.transport)
    try:
        return (*before, *await asyncio.wrap_future(job))
    except asyncio.CancelledError:
        await asyncio.to_thread(wait, [job], PARTING)
        raise


def _enter(report: PlannedReport, tools: Tools, step: str) -> None:
    """Tell who watches, and the log, which step of its way the report is at."""
    log.info("report.step", step=step)
    tools.step(report, step)


def _all_have_it(report: PlannedReport, tools: Tools, sent: Sequence[Delivery]) -> bool:
    """Whether no recipient is left; a run without mail leaves an edition alone that any reader has."""
    return tools.post is None or set(map(reader, report.config.recipients)) <= {delivery.recipient for delivery in sent}
