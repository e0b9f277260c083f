"""Shared by the commands that create reports: carry out a planned run, interrupt it, and log its warnings."""

import asyncio
import signal
import sys
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from reporter.archive.store import Archive
from reporter.cli import setup
from reporter.config.settings import Config
from reporter.delivery.outbox import OutboxChannel
from reporter.delivery_service import DeliveryService
from reporter.domain.errors import LedgerError
from reporter.domain.mailbox import Mailbox
from reporter.domain.snapshot import Organization
from reporter.ledger.ledger import Ledger
from reporter.ledger.message_history import unresolved
from reporter.ledger.opening import open_ledger
from reporter.message_composition import SenderSettings
from reporter.outcome import ReportOutcome, ReportStatus, RunOutcome, unreported
from reporter.pipeline import RunContext, run_all
from reporter.planning import PlannedReport
from reporter.rendering.worker import RenderPool

log = structlog.get_logger(__name__)

OUTBOX_SENDER = Mailbox("HyperRep reports", "reports@example.invalid")
"""Sender of emails that only go to the outbox."""

_STEPS = {"fetch": "asking the API", "render": "rendering the document", "deliver": "sending the email"}
_DONE = frozenset(status.value for status in ReportStatus)

Plan = tuple[Sequence[PlannedReport], Sequence[ReportOutcome]]
"""The reports to run, and the outcomes of those that cannot be."""

Planner = Callable[[Sequence[Organization]], Plan]
"""Plans the reports from the organizations of the key. Raises UsageError."""


@dataclass(frozen=True, slots=True)
class RunJob:
    """Settings of a run that apply to all its reports. `force` is the operator's reason to send again."""

    config: Config
    now: datetime
    sender: SenderSettings | None
    is_demo: bool = False
    force: str | None = None
    is_silent: bool = False

    @property
    def sends(self) -> bool:
        """Whether recipients get the reports."""
        return self.sender is not None and not self.sender.rehearsal


def sender_settings(config: Config, *, is_demo: bool, is_rehearsal: bool) -> SenderSettings:
    """Settings of the mail server, or of the outbox if there is no server or it must not be used."""
    if config.smtp is None or is_demo:
        return SenderSettings(OutboxChannel(), OUTBOX_SENDER, rehearsal=True)
    if is_rehearsal:
        return SenderSettings(OutboxChannel(), config.smtp.sender, config.smtp.reply_to, rehearsal=True)
    from reporter.delivery.smtp.smtp_channel import SmtpChannel

    channel = SmtpChannel(config.smtp, setup.machine_clock)
    return SenderSettings(channel, config.smtp.sender, config.smtp.reply_to, config.smtp.connections)


def run(job: RunJob, planner: Planner) -> RunOutcome:
    """Render, archive, and email the planned reports. Raises KeyboardInterrupt if asked to stop."""
    return asyncio.run(_interruptible(_run(job, planner)))


async def _run(job: RunJob, planner: Planner) -> RunOutcome:
    async with setup.source(job.config, job.now, is_demo=job.is_demo) as source:
        archive = Archive(job.config.output)
        archive.check_writable()
        reports, unplanned = planner(await source.organizations())
        run_id = uuid.uuid4().hex
        if not reports:
            return RunOutcome(run_id, unplanned)
        opened = open_ledger(archive.root, job.config.ledger, run=run_id, clock=setup.machine_clock, sends=job.sends)
        with opened as ledger, _progress(len(reports), hidden=job.is_silent) as step:
            async with RenderPool(len(reports)) as pool:
                delivery = DeliveryService(archive, ledger, job.sender)
                context = RunContext(source, archive, pool, delivery, job.now, job.force, step)
                outcomes, error = await run_all(reports, context)
                outcome = RunOutcome(run_id, (*outcomes, *unplanned), error)
                return _with_unresolved(outcome, ledger) if job.sends else outcome


def warn(reports: Sequence[PlannedReport], sender: SenderSettings | None, *, is_serverless: bool) -> None:
    """Log valid but unlikely settings; a missing mail server is logged even with `--quiet`."""
    if any(not report.config.timezone_given for report in reports):
        log.warning("timezone.unset", used="UTC", hint="set `timezone` in the configuration, or --timezone")
    if sender is not None and any(not report.config.recipients for report in reports):
        log.warning("recipients.unset", hint="set `recipients` in the configuration, or --to; or give --no-email")
    if sender is not None and is_serverless and any(report.config.recipients for report in reports):
        log.error("server.unset", hint="set [smtp] or HYPERREP_SMTP_HOST; until then, emails stay in the archive")


async def _interruptible(run: Coroutine[Any, Any, RunOutcome]) -> RunOutcome:
    """Handle SIGTERM, which service managers send, like Ctrl-C: work in progress is completed or left consistent."""
    task = asyncio.ensure_future(run)
    with suppress(NotImplementedError):  # not available on Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _with_unresolved(outcome: RunOutcome, ledger: Ledger) -> RunOutcome:
    """The outcome with the unresolved emails of earlier runs, or the error if the ledger cannot list them."""
    try:
        with ledger.database.transaction() as at:
            return replace(outcome, unresolved=unreported(unresolved(at), outcome.reports))
    except LedgerError as error:
        return replace(outcome, error=outcome.error or error)


@contextmanager
def _progress(total: int, *, hidden: bool) -> Iterator[Callable[[PlannedReport, str], None]]:
    """A callback for each report's steps, which a terminal shows as a live line until the block ends."""
    if hidden or not sys.stderr.isatty():
        yield lambda _report, _step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    description = TextColumn("{task.description}")
    columns = (SpinnerColumn(), description, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=total)

        def show(report: PlannedReport, step: str) -> None:
            name = Text(f"{report.organization.title}: {_STEPS.get(step, step)}").markup
            bar.update(task, description=name, advance=1 if step in _DONE else 0, refresh=True)

        yield show
