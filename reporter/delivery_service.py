"""Delivery of an edition: its emails are archived, planned in the ledger, and sent; the receipt records the results.

An email is archived before a server sees it, and has no line in the receipt until the result is known. After a crash,
this distinguishes emails that were only written from those that may have been sent.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from reporter.archive.edition import RECEIPT, StoredEdition
from reporter.archive.store import Archive
from reporter.delivery.channel import Delivery, DeliveryStatus
from reporter.delivery.deliver import OutgoingMessage, deliver, rehearse, together
from reporter.delivery.receipt import Receipt, ReceiptLine, merged, read_receipt
from reporter.domain.errors import ArchiveError
from reporter.domain.report import ReportData
from reporter.ledger.ledger import Ledger
from reporter.ledger.record import WindowState
from reporter.message_composition import SenderSettings, mails, spooled
from reporter.planning import PlannedReport
from reporter.rendering.rendered_report import RenderedReport

log = structlog.get_logger(__name__)

PARTING = 3.0
"""Seconds that an interrupted run waits for emails being sent; the next run recovers those still open."""


@dataclass(frozen=True, slots=True)
class EmailableEdition:
    """An archived edition, with what its emails are built from."""

    data: ReportData
    document: RenderedReport
    kept: StoredEdition


@dataclass(frozen=True)
class DeliveryService:
    """Delivers emails: `archive` stores them, `book` is the ledger, and `post` the sender, None if nothing is sent."""

    archive: Archive
    book: Ledger
    post: SenderSettings | None
    postmen: ThreadPoolExecutor = field(init=False)
    """One thread per connection to the mail server, each sending one message at a time."""

    def __post_init__(self) -> None:
        """Start as many threads as the transport can use."""
        threads = self.post.transport.connections if self.post else 1
        object.__setattr__(self, "postmen", ThreadPoolExecutor(threads, thread_name_prefix="postman"))

    def close(self) -> None:
        """Close the connections to the mail server, after the messages being sent."""
        if self.post:
            self.postmen.submit(self.post.transport.close)
        self.postmen.shutdown(wait=False)

    async def standing(self, report: PlannedReport) -> WindowState:
        """The window's current state; runs in a thread, as another process may lock the ledger for a while."""
        window = (report.organization.id, report.window.period, report.window.label)
        return await asyncio.to_thread(self.book.window_state, *window)

    async def deliver(
        self, report: PlannedReport, standing: WindowState, made: EmailableEdition, begin: Callable[[], None]
    ) -> tuple[Delivery, ...]:
        """Archive, plan, and send the emails that are due; return what is known of every requested email.

        `begin` is called if any are due.
        """
        if self.post is None:
            return ()
        asked = mails(report, made.document, made.data, self.post, revision=standing.revision, files=standing.files())
        settled = {record.recipient: record.delivery for record in standing.settled(standing.latest)}
        due = [
            spooled(mail, standing.spooled(mail.key.recipient), made.kept.folder)
            for mail in asked
            if mail.key.recipient not in settled
        ]
        if due:
            begin()
        self._spool(standing, made, due)
        sent = await self._handed_over(report, due)
        told = settled | {delivery.recipient: delivery for delivery in sent}
        return tuple(told[mail.key.recipient] for mail in asked)

    def receipted(self, standing: WindowState, made: EmailableEdition, deliveries: Sequence[Delivery]) -> StoredEdition:
        """Add the receipt to the edition; an error of the disk is only logged, so that results are shown."""
        try:
            return self.archive.add(made.kept, {RECEIPT: self.receipt(standing, made.kept.folder, deliveries)})
        except ArchiveError as error:
            log.error("receipt.incomplete", reason=str(error))  # noqa: TRY400 - the message is sufficient
            return made.kept

    def caught_up(
        self, standing: WindowState, kept: StoredEdition | None, receipt: Receipt | None
    ) -> StoredEdition | None:
        """Complete the receipt if an earlier run crashed, or the disk was full, after sending the emails."""
        if kept is None or receipt is None or receipt.revision != standing.revision:
            return kept
        whole = replace(receipt, deliveries=merged(receipt.deliveries, _known(standing)))
        return kept if whole == receipt else self.archive.add(kept, {RECEIPT: whole.as_bytes()})

    def receipt(
        self, standing: WindowState, folder: Path, deliveries: Sequence[Delivery] = (), without: Collection[str] = ()
    ) -> bytes:
        """The receipt of the edition in `folder`: the ledger's records, as changed by this run's `deliveries`.

        It includes emails that were only written, also earlier: the recipient of a dry run may no longer be configured.
        A message that the ledger could not record has no line.
        """
        before = read_receipt(self.archive.root, folder / RECEIPT)
        unrecorded = {delivery.recipient for delivery in deliveries if delivery.recorded is None}
        known = merged(_written(before, standing.revision), _known(standing), _changed(standing, deliveries))
        lines = tuple(line for line in known if line.recipient not in unrecorded.union(without))
        return Receipt(standing.revision, standing.reason, lines).as_bytes()

    def _spool(self, standing: WindowState, made: EmailableEdition, due: Sequence[OutgoingMessage]) -> None:
        """Archive the emails next to the edition; those to be sent have no receipt line until the result is known."""
        assert self.post is not None
        sending = () if self.post.rehearsal else [mail.key.recipient for mail in due]
        receipt = {RECEIPT: self.receipt(standing, made.kept.folder, without=sending)} if sending else {}
        self.archive.add(made.kept, {**receipt, **{mail.file: mail.wire for mail in due}})

    async def _handed_over(self, report: PlannedReport, due: Sequence[OutgoingMessage]) -> Sequence[Delivery]:
        """Send the emails, in parallel where the server allows it; all are planned before the first is sent."""
        assert self.post is not None
        transport = self.post.transport
        if self.post.rehearsal:
            return [rehearse(mail, transport) for mail in due]
        await asyncio.to_thread(self.book.plan, [mail.key for mail in due], report.organization.name)
        jobs = [self.postmen.submit(deliver, mail, self.book, transport) for mail in due]
        try:
            ends = await asyncio.gather(*map(asyncio.wrap_future, jobs), return_exceptions=True)
            return together(due, ends)
        except asyncio.CancelledError:
            await asyncio.to_thread(wait, [job for job in jobs if not job.cancel()], PARTING)
            raise


def _known(standing: WindowState) -> Iterator[ReceiptLine]:
    """A line for each message in the ledger."""
    for record in standing.latest.values():
        yield ReceiptLine(
            record.recipient, record.revision, record.message_id or "", record.file or "", record.state, record.reply
        )


def _changed(standing: WindowState, deliveries: Sequence[Delivery]) -> Iterator[ReceiptLine]:
    """The lines of this run's emails."""
    settled = {record.recipient for record in standing.settled(standing.latest)}
    for each in deliveries:
        if each.recorded and each.recipient not in settled:
            yield ReceiptLine(each.recipient, standing.revision, each.message_id, each.file, each.recorded, each.reply)


def _written(receipt: Receipt | None, revision: int) -> Iterator[ReceiptLine]:
    """The lines of this revision's emails that were written but not sent."""
    lines = receipt.deliveries if receipt else ()
    return (line for line in lines if line.status is DeliveryStatus.OUTBOX and line.revision == revision)
