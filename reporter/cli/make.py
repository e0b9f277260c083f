"""What the command does without a subcommand: options and configuration become a run, its outcome an exit code."""

import asyncio
import signal
import uuid
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import click
import structlog

from reporter.archive.store import Archive
from reporter.cli import demo, logs, setting, summary
from reporter.cli.progress import progress
from reporter.config.settings import Config, Overrides, ReportConfig
from reporter.delivery.outbox import OutboxTransport
from reporter.delivery.smtp import SmtpTransport
from reporter.document.pool import RenderPool
from reporter.document.templates import template_folder
from reporter.errors import LedgerError, UsageError
from reporter.ledger.book import Book
from reporter.ledger.history import unresolved
from reporter.ledger.opening import opened_book
from reporter.mailing import Post
from reporter.outcome import RunOutcome, untold
from reporter.plan import PlannedReport, Selection, choose
from reporter.run import Tools, run_all
from reporter.window import Window

log = structlog.get_logger(__name__)

OUTBOX_SENDER = "HyperRep reports <reports@example.invalid>"
"""Whom a mail is from that no server is to take."""


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options as they were given; None, empty or False where they were not."""

    period: str | None
    as_of: date | None
    first: date | None
    until: date | None
    names: tuple[str, ...]
    all_orgs: bool
    timezone: str | None
    locale: str | None
    currency: str | None
    week_start: str | None
    recipients: tuple[str, ...]
    allow_partial: bool
    no_email: bool
    output: str | None
    template: str | None
    config: str | None
    demo: bool
    dry_run: bool
    force: str | None
    as_json: bool
    verbose: int
    quiet: bool
    log_format: str


def make(options: Options) -> int:
    """Make, archive and mail the reports asked for; the exit code."""
    logs.configure(verbose=options.verbose, quiet=options.quiet, log_format=options.log_format)
    outcome = asyncio.run(_interruptible(_run(options, setting.clock())))
    if options.as_json:
        summary.say_json(outcome.as_json())
    elif not options.quiet:
        summary.say("\n".join(summary.lines(outcome)))
    elif outcome.exit_code:
        click.echo("\n".join(summary.problems(outcome)), err=True)
    return outcome.exit_code


async def _interruptible(run: Coroutine[Any, Any, RunOutcome]) -> RunOutcome:
    """Take a request to end, as service managers make it, like Ctrl-C: what is under way is finished or left whole."""
    task = asyncio.ensure_future(run)
    with suppress(NotImplementedError):  # Windows has no such request
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _run(options: Options, now: datetime) -> RunOutcome:
    """Everything that can be known to be wrong is found before anything is asked or written."""
    config = _configured(options)
    selection = _selection(options)
    for report in (config.defaults, *config.reports):
        template_folder(report.template)
        _window(report, options, now)
    post = None if options.no_email else _post(options, config)
    async with setting.api(config, now, is_demo=options.demo) as api:
        archive = Archive(config.output)
        archive.check_writable()
        chosen = choose(selection, config.reports, config.defaults, await api.organizations())
        reports = [
            PlannedReport(organization, report, _window(report, options, now)) for organization, report in chosen
        ]
        _warn(reports, post, is_serverless=config.smtp is None and not (options.demo or options.dry_run))
        run = uuid.uuid4().hex
        sends = post is not None and not post.rehearsal
        with (
            opened_book(archive.root, config.ledger, run=run, clock=setting.machine_clock, sends=sends) as book,
            progress(len(reports), hidden=options.quiet or options.as_json) as step,
        ):
            async with RenderPool(len(reports)) as pool:
                tools = Tools(api, archive, book, pool, now, post, options.force, step)
                made, trouble = await run_all(reports, tools)
                return _concluded(book, RunOutcome(run, made, trouble)) if sends else RunOutcome(run, made, trouble)


def _concluded(book: Book, outcome: RunOutcome) -> RunOutcome:
    """The outcome with what nobody has settled; a ledger that cannot tell hides nothing of what was done."""
    try:
        return replace(outcome, unresolved=untold(unresolved(book.database), outcome.reports))
    except LedgerError as error:
        return replace(outcome, trouble=outcome.trouble or error)


def _configured(options: Options) -> Config:
    """The configuration with the options over it, or every problem at once."""
    if options.force is not None and not options.force.strip():
        raise UsageError("--force wants a reason: it is recorded with the new revision.")
    if options.force is not None and (options.no_email or options.dry_run):
        raise UsageError("--force sends again, --no-email and --dry-run send nothing: give one or the other.")
    overrides = Overrides(
        timezone=options.timezone,
        locale=options.locale,
        currency=options.currency,
        week_start=options.week_start,
        to=options.recipients or None,
        period=options.period,
        output=options.output,
        template=options.template,
    )
    return setting.configured(overrides, options.config, is_demo=options.demo)


def _window(report: ReportConfig, options: Options, now: datetime) -> Window:
    return setting.window(
        report,
        now,
        as_of=options.as_of,
        first=options.first,
        until=options.until,
        allow_partial=options.allow_partial,
    )


def _selection(options: Options) -> Selection:
    if options.names and options.all_orgs:
        raise UsageError("--org and --all-orgs are two selections: give one of them.")
    if not all(name.strip() for name in options.names):
        raise UsageError("--org is empty: it wants the name or the id of an organization.")
    if options.demo and not options.all_orgs and options.config is None:
        return Selection(options.names or (demo.ORGANIZATION,))
    return Selection(options.names, options.all_orgs)


def _post(options: Options, config: Config) -> Post:
    """The mail server, or the outbox where there is none or none is to be used."""
    if config.smtp is None or options.demo:
        return Post(OutboxTransport(), OUTBOX_SENDER, rehearsal=True)
    transport = OutboxTransport() if options.dry_run else SmtpTransport(config.smtp)
    return Post(transport, config.smtp.sender, config.smtp.reply_to, rehearsal=options.dry_run)


def _warn(reports: Sequence[PlannedReport], post: Post | None, *, is_serverless: bool) -> None:
    """What is lawful but seldom meant; that mails will not leave is said even under `--quiet`."""
    if any(not report.config.timezone_given for report in reports):
        log.warning("timezone.unset", taken="UTC", mend="set `timezone` in the configuration, or --timezone")
    if post is not None and any(not report.config.recipients for report in reports):
        log.warning("recipients.unset", mend="set `recipients` in the configuration, or --to; --no-email asks for none")
    if post is not None and is_serverless and any(report.config.recipients for report in reports):
        log.error("server.unset", mend="set [smtp] or HYPERREP_SMTP_HOST; until then mails stay in the archive")
