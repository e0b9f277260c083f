"""Delivery of an edition: its emails are archived, planned in the ledger, and sent; the receipt records the results.

An email is archived before a server sees it, and has no line in the receipt until the result is known. After a crash,
this distinguishes emails that were only written from those that may have been sent.
"""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial

import structlog

from reporter.archive.edition import RECEIPT, StoredEdition
from reporter.archive.store import Archive
from reporter.delivery.channel import Channel, ClaimLost, Delivery, DeliveryStatus, Email, SendResult
from reporter.delivery.message import OutgoingMessage
from reporter.delivery.receipt import Receipt, ReceiptLine, merged
from reporter.domain.errors import ArchiveError, LedgerError
from reporter.domain.mailbox import outside
from reporter.domain.report import ReportData
from reporter.ledger.ledger import Ledger
from reporter.ledger.record import WindowState
from reporter.message_composition import SenderSettings, as_archived, compose, email_content, key_of
from reporter.planning import PlannedReport
from reporter.rendering.rendered_report import RenderedReport

log = structlog.get_logger(__name__)

SHUTDOWN_TIMEOUT = 3.0
"""Seconds that an interrupted run waits for emails being sent; the next run recovers those still open."""

_TAKEN_OVER = "another run took the message over while this one was about to send it"


@dataclass(frozen=True, slots=True)
class EmailableEdition:
    """An archived edition with its receipt, and what its emails are built from."""

    data: ReportData
    document: RenderedReport
    stored: StoredEdition
    receipt: Receipt


class DeliveryService:
    """Delivers emails from `sender`, None if nothing is sent: one thread per connection, one message at a time each."""

    def __init__(self, archive: Archive, ledger: Ledger, sender: SenderSettings | None) -> None:
        self._archive = archive
        self._ledger = ledger
        self._sender = sender
        self._threads = ThreadPoolExecutor(sender.connections if sender else 1, thread_name_prefix="delivery")

    @property
    def sends(self) -> bool:
        """Whether there are emails at all."""
        return self._sender is not None

    def close(self) -> None:
        """Close the channel's connections after the messages being sent, without waiting for them."""
        if self._sender:
            self._threads.submit(self._sender.channel.close)
        self._threads.shutdown(wait=False)

    async def window_state(self, report: PlannedReport) -> WindowState:
        """The window's current state; runs in a thread, as another process may lock the ledger for a while."""
        window = (report.organization.id, report.window.period, report.window.label)
        return await asyncio.to_thread(self._ledger.window_state, *window)

    async def revise(self, report: PlannedReport, revision: int, reason: str) -> WindowState:
        """Plan a new revision for all recipients, for the operator's reason; return the new state."""
        keys = [key_of(report, to, revision) for to in report.config.recipients]
        return await asyncio.to_thread(self._ledger.revise, keys, report.organization.name, reason)

    async def deliver(
        self, report: PlannedReport, edition: EmailableEdition, state: WindowState, begin: Callable[[], None]
    ) -> tuple[Delivery, ...]:
        """Archive, plan, and send the emails that are due, and add the receipt to the edition.

        Returns what is known of every requested email. `begin` is called if any are due.
        """
        deliveries: tuple[Delivery, ...] = ()
        if self._sender:
            content = email_content(edition.document, edition.data)
            asked = compose(report, content, self._sender, state.revision, state.files())
            settled = {record.recipient: record.delivery for record in state.settled(state.latest)}
            folder = edition.stored.folder
            due = [
                as_archived(message, state.spooled(message.key.recipient), folder)
                for message in asked
                if message.key.recipient not in settled
            ]
            if due:
                begin()
                edition = self._spool(edition, state, due)
            known = settled | {delivery.recipient: delivery for delivery in await self._send(report, self._sender, due)}
            deliveries = tuple(known[message.key.recipient] for message in asked)
        self._add_receipt(edition, state, deliveries)
        return deliveries

    def complete_receipt(self, stored: StoredEdition | None, receipt: Receipt | None, state: WindowState) -> None:
        """Complete the receipt if an earlier run crashed, or the disk was full, after sending the emails."""
        if stored is None or receipt is None or receipt.revision != state.revision:
            return
        whole = replace(receipt, deliveries=merged(receipt.deliveries, _recorded(state)))
        if whole != receipt:
            self._archive.add(stored, {RECEIPT: whole.as_bytes()})

    def _spool(self, edition: EmailableEdition, state: WindowState, due: Sequence[OutgoingMessage]) -> EmailableEdition:
        """Archive the emails next to the edition; those to be sent have no receipt line until the result is known."""
        files, receipt = {message.file: message.wire for message in due}, edition.receipt
        if self._sender and not self._sender.rehearsal:
            sending = {message.key.recipient for message in due}
            receipt = receipt_of(state, receipt, without=sending)
            files[RECEIPT] = receipt.as_bytes()
        self._archive.add(edition.stored, files)
        return replace(edition, receipt=receipt)

    async def _send(
        self, report: PlannedReport, sender: SenderSettings, due: Sequence[OutgoingMessage]
    ) -> Sequence[Delivery]:
        """Send the emails, in parallel where the server allows it; all are planned before the first is sent."""
        if sender.rehearsal:
            return [rehearse(message, sender.channel) for message in due]
        await asyncio.to_thread(self._ledger.plan, [message.key for message in due], report.organization.name)
        jobs = [self._threads.submit(deliver, message, self._ledger, sender.channel) for message in due]
        try:
            results = await asyncio.gather(*map(asyncio.wrap_future, jobs), return_exceptions=True)
        except asyncio.CancelledError:
            await asyncio.to_thread(wait, [job for job in jobs if not job.cancel()], SHUTDOWN_TIMEOUT)
            raise
        return _deliveries(due, results)

    def _add_receipt(self, edition: EmailableEdition, state: WindowState, deliveries: Sequence[Delivery]) -> None:
        """Add the receipt to the edition; an error of the disk is only logged, so that results are shown."""
        receipt = receipt_of(state, edition.receipt, deliveries)
        try:
            self._archive.add(edition.stored, {RECEIPT: receipt.as_bytes()})
        except ArchiveError as error:
            log.error("receipt.incomplete", reason=str(error))  # noqa: TRY400 - the message is sufficient


def receipt_of(
    state: WindowState, before: Receipt | None, deliveries: Sequence[Delivery] = (), without: Collection[str] = ()
) -> Receipt:
    """The receipt of an edition: the ledger's records, as changed by this run's `deliveries`.

    It includes emails that were only written, also those in the receipt `before`: the recipient of a dry run may no
    longer be configured. A message that the ledger could not record has no line.
    """
    lines = before.deliveries if before else ()
    written = (line for line in lines if line.status is DeliveryStatus.OUTBOX and line.revision == state.revision)
    known = merged(written, _recorded(state), _changed(state, deliveries))
    missing = {*without, *(delivery.recipient for delivery in deliveries if delivery.recorded is None)}
    return Receipt(state.revision, state.reason, tuple(line for line in known if line.recipient not in missing))


def deliver(message: OutgoingMessage, ledger: Ledger, channel: Channel[Email]) -> Delivery:
    """Deliver the message, unless it was accepted before or may have been; return its delivery record.

    Raises LedgerError, before anything is sent, if the ledger cannot be used.
    """
    delivery = _delivered(message, ledger, channel)
    log.info("delivery", organization=message.key.organization_id, window=message.key.label, status=delivery.status)
    return delivery


def rehearse(message: OutgoingMessage, channel: Channel[Email]) -> Delivery:
    """Pass the message to a channel that sends nothing, without using the ledger."""
    sent = channel.send(Email(message.key.recipient, message.wire), lambda: None)
    return replace(_delivery(message, sent.status, sent.reply), recorded=sent.status)


def _delivered(message: OutgoingMessage, ledger: Ledger, channel: Channel[Email]) -> Delivery:
    sha256 = hashlib.sha256(message.wire).hexdigest()
    claim = ledger.claim(message.key, message.message_id, message.file, sha256)
    if isinstance(claim, Delivery):
        return claim
    if reason := outside(message.key.recipient, message.domains):
        return ledger.settle(claim, SendResult(DeliveryStatus.FAILED, reason))
    try:
        sent = channel.send(Email(message.key.recipient, message.wire), partial(ledger.commit, claim))
    except ClaimLost:
        return _delivery(message, DeliveryStatus.DEFERRED, _TAKEN_OVER)
    try:
        return ledger.settle(claim, sent)
    except LedgerError as error:
        if sent.status not in {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN}:
            raise
        log.error("delivery.unrecorded", reason=str(error.__cause__ or error))  # noqa: TRY400 - no traceback needed
        result = f"accepted ({sent.reply})" if sent.status is DeliveryStatus.ACCEPTED else sent.reply
        return _delivery(message, DeliveryStatus.UNKNOWN, f"{result}, but the ledger could not record it")


def _deliveries(messages: Sequence[OutgoingMessage], results: Sequence[Delivery | BaseException]) -> Sequence[Delivery]:
    """The deliveries of all messages; where the ledger failed for some, those count as failed.

    Raises the error if the ledger failed for every message, or if it is not a ledger error.
    """
    errors = [result for result in results if isinstance(result, BaseException)]
    for error in errors:
        if not isinstance(error, LedgerError) or len(errors) == len(results):
            raise error
    return [
        result if isinstance(result, Delivery) else _delivery(message, DeliveryStatus.FAILED, str(result))
        for message, result in zip(messages, results, strict=True)
    ]


def _delivery(message: OutgoingMessage, status: DeliveryStatus, reply: str) -> Delivery:
    return Delivery(message.key.recipient, message.message_id, message.file, status, reply)


def _recorded(state: WindowState) -> Iterator[ReceiptLine]:
    """A line for each message in the ledger."""
    for record in state.latest.values():
        yield ReceiptLine(
            record.recipient, record.revision, record.message_id or "", record.file or "", record.state, record.reply
        )


def _changed(state: WindowState, deliveries: Iterable[Delivery]) -> Iterator[ReceiptLine]:
    """The lines of this run's emails."""
    settled = {record.recipient for record in state.settled(state.latest)}
    for each in deliveries:
        if each.recorded and each.recipient not in settled:
            yield ReceiptLine(each.recipient, state.revision, each.message_id, each.file, each.recorded, each.reply)
