"""Shared by the commands that create reports: carry out a planned run, interrupt it, and log its warnings."""

import asyncio
import signal
import uuid
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from reporter.archive.store import Archive
from reporter.cli import setup
from reporter.cli.progress import progress
from reporter.config.settings import Config
from reporter.delivery.outbox import OutboxTransport
from reporter.domain.errors import LedgerError
from reporter.domain.snapshot import Organization
from reporter.ledger.ledger import Ledger
from reporter.ledger.message_history import unresolved
from reporter.ledger.opening import open_ledger
from reporter.message_composition import SenderSettings
from reporter.outcome import RunOutcome, untold
from reporter.pipeline import RunContext, run_all
from reporter.planning import PlannedReport
from reporter.rendering.render_pool import RenderPool

log = structlog.get_logger(__name__)

OUTBOX_SENDER = "HyperRep reports <reports@example.invalid>"
"""Sender of emails that only go to the outbox."""

Planner = Callable[[Sequence[Organization]], Sequence[PlannedReport]]
"""Plans the reports from the organizations of the key. Raises UsageError."""


@dataclass(frozen=True, slots=True)
class RunJob:
    """Settings of a run that apply to all its reports. `force` is the operator's reason to send again."""

    config: Config
    now: datetime
    post: SenderSettings | None
    is_demo: bool = False
    force: str | None = None
    is_silent: bool = False

    @property
    def sends(self) -> bool:
        """Whether recipients get the reports."""
        return self.post is not None and not self.post.rehearsal


def post(config: Config, *, is_demo: bool, is_rehearsal: bool) -> SenderSettings:
    """Settings of the mail server, or of the outbox if there is no server or it must not be used."""
    if config.smtp is None or is_demo:
        return SenderSettings(OutboxTransport(), OUTBOX_SENDER, rehearsal=True)
    if is_rehearsal:
        return SenderSettings(OutboxTransport(), config.smtp.sender, config.smtp.reply_to, rehearsal=True)
    from reporter.delivery.smtp.authentication import authentication_of  # noqa: PLC0415 - only with a mail server
    from reporter.delivery.smtp.transport import SmtpTransport  # noqa: PLC0415

    authentication = authentication_of(config.smtp, setup.machine_clock)
    transport = SmtpTransport(config.smtp, authentication=authentication)
    return SenderSettings(transport, config.smtp.sender, config.smtp.reply_to)


def until_done(run: Coroutine[Any, Any, RunOutcome]) -> RunOutcome:
    """Outcome of a run. Raises KeyboardInterrupt if it was asked to stop."""
    return asyncio.run(_interruptible(run))


async def carried_out(job: RunJob, planner: Planner) -> RunOutcome:
    """Render, archive, and email the planned reports, and return the outcome."""
    async with setup.source(job.config, job.now, is_demo=job.is_demo) as api:
        archive = Archive(job.config.output)
        archive.check_writable()
        reports = planner(await api.organizations())
        run = uuid.uuid4().hex
        if not reports:
            return RunOutcome(run, ())
        with (
            open_ledger(archive.root, job.config.ledger, run=run, clock=setup.machine_clock, sends=job.sends) as book,
            progress(len(reports), hidden=job.is_silent) as step,
        ):
            async with RenderPool(len(reports)) as pool:
                tools = RunContext(api, archive, book, pool, job.now, job.post, job.force, step)
                made, trouble = await run_all(reports, tools)
                outcome = RunOutcome(run, made, trouble)
                return _concluded(book, outcome) if job.sends else outcome


def warn(reports: Sequence[PlannedReport], post: SenderSettings | None, *, is_serverless: bool) -> None:
    """Log valid but unlikely settings; a missing mail server is logged even with `--quiet`."""
    if any(not report.config.timezone_given for report in reports):
        log.warning("timezone.unset", taken="UTC", mend="set `timezone` in the configuration, or --timezone")
    if post is not None and any(not report.config.recipients for report in reports):
        log.warning("recipients.unset", mend="set `recipients` in the configuration, or --to; --no-email asks for none")
    if post is not None and is_serverless and any(report.config.recipients for report in reports):
        log.error("server.unset", mend="set [smtp] or HYPERREP_SMTP_HOST; until then mails stay in the archive")


async def _interruptible(run: Coroutine[Any, Any, RunOutcome]) -> RunOutcome:
    """Handle SIGTERM, which service managers send, like Ctrl-C: work in progress is completed or left consistent."""
    task = asyncio.ensure_future(run)
    with suppress(NotImplementedError):  # not available on Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _concluded(book: Ledger, outcome: RunOutcome) -> RunOutcome:
    """The outcome with the unresolved emails added, or the error if the ledger cannot list them."""
    try:
        with book.database.transaction() as at:
            return replace(outcome, unresolved=untold(unresolved(at), outcome.reports))
    except LedgerError as error:
        return replace(outcome, trouble=outcome.trouble or error)
