"""What the commands that make reports share: how a run goes from its plan to its outcome, ends early, and is told."""

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
from reporter.ledger.opening import opened_book
from reporter.message_composition import SenderSettings
from reporter.outcome import RunOutcome, untold
from reporter.pipeline import RunContext, run_all
from reporter.planning import PlannedReport
from reporter.rendering.render_pool import RenderPool

log = structlog.get_logger(__name__)

OUTBOX_SENDER = "HyperRep reports <reports@example.invalid>"
"""Whom a mail is from that no server is to take."""

Planner = Callable[[Sequence[Organization]], Sequence[PlannedReport]]
"""From the organizations of the key to the reports to make; raises UsageError."""


@dataclass(frozen=True, slots=True)
class RunJob:
    """How reports are made and mailed, whichever they are. `force` is an operator's reason to send again."""

    config: Config
    now: datetime
    post: SenderSettings | None
    is_demo: bool = False
    force: str | None = None
    is_silent: bool = False

    @property
    def sends(self) -> bool:
        """Whether readers get what is made."""
        return self.post is not None and not self.post.rehearsal


def post(config: Config, *, is_demo: bool, is_rehearsal: bool) -> SenderSettings:
    """The mail server, or the outbox where there is none or none is to be used."""
    if config.smtp is None or is_demo:
        return SenderSettings(OutboxTransport(), OUTBOX_SENDER, rehearsal=True)
    if is_rehearsal:
        return SenderSettings(OutboxTransport(), config.smtp.sender, config.smtp.reply_to, rehearsal=True)
    from reporter.delivery.smtp.authentication import authentication_of  # noqa: PLC0415 - only where there is a server
    from reporter.delivery.smtp.transport import SmtpTransport  # noqa: PLC0415

    authentication = authentication_of(config.smtp, setup.machine_clock)
    transport = SmtpTransport(config.smtp, authentication=authentication)
    return SenderSettings(transport, config.smtp.sender, config.smtp.reply_to)


def until_done(run: Coroutine[Any, Any, RunOutcome]) -> RunOutcome:
    """The outcome of a run, or KeyboardInterrupt where it was asked to end."""
    return asyncio.run(_interruptible(run))


async def carried_out(job: RunJob, planner: Planner) -> RunOutcome:
    """The outcome of the planned reports, each made, archived and mailed."""
    async with setup.api(job.config, job.now, is_demo=job.is_demo) as api:
        archive = Archive(job.config.output)
        archive.check_writable()
        reports = planner(await api.organizations())
        run = uuid.uuid4().hex
        if not reports:
            return RunOutcome(run, ())
        with (
            opened_book(archive.root, job.config.ledger, run=run, clock=setup.machine_clock, sends=job.sends) as book,
            progress(len(reports), hidden=job.is_silent) as step,
        ):
            async with RenderPool(len(reports)) as pool:
                tools = RunContext(api, archive, book, pool, job.now, job.post, job.force, step)
                made, trouble = await run_all(reports, tools)
                outcome = RunOutcome(run, made, trouble)
                return _concluded(book, outcome) if job.sends else outcome


def warn(reports: Sequence[PlannedReport], post: SenderSettings | None, *, is_serverless: bool) -> None:
    """What is lawful but seldom meant; that mails will not leave is said even under `--quiet`."""
    if any(not report.config.timezone_given for report in reports):
        log.warning("timezone.unset", taken="UTC", mend="set `timezone` in the configuration, or --timezone")
    if post is not None and any(not report.config.recipients for report in reports):
        log.warning("recipients.unset", mend="set `recipients` in the configuration, or --to; --no-email asks for none")
    if post is not None and is_serverless and any(report.config.recipients for report in reports):
        log.error("server.unset", mend="set [smtp] or HYPERREP_SMTP_HOST; until then mails stay in the archive")


async def _interruptible(run: Coroutine[Any, Any, RunOutcome]) -> RunOutcome:
    """Take a request to end, as service managers make it, like Ctrl-C: what is under way is finished or left whole."""
    task = asyncio.ensure_future(run)
    with suppress(NotImplementedError):  # Windows has no such request
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _concluded(book: Ledger, outcome: RunOutcome) -> RunOutcome:
    """The outcome with what nobody has settled; a ledger that cannot tell hides nothing of what was done."""
    try:
        return replace(outcome, unresolved=untold(unresolved(book.database), outcome.reports))
    except LedgerError as error:
        return replace(outcome, trouble=outcome.trouble or error)
