"""`hyperrep-report due`: send the reports due now, for a scheduler that runs it every few minutes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import click

from reporter.cli import options
from reporter.domain.errors import UsageError

if TYPE_CHECKING:
    from reporter.cli.running import Plan
    from reporter.config.settings import Config
    from reporter.domain.snapshot import Organization
    from reporter.outcome import ReportOutcome, RunOutcome
    from reporter.planning import Directory, PlannedReport
    from reporter.scheduling.due_list import CatchUpPolicy, DueList, DueReport


@click.command("due")
@options.output
@options.config()
@options.dry_run
@options.run_as_json
@options.verbose
@options.quiet
@options.log_format
@click.option(
    "--catch-up",
    type=click.Choice(("none", "latest", "all")),
    default="latest",
    show_default=True,
    help="Missed windows to send: none except those due in the last hour, the latest of each report, or all.",
)
@click.option(
    "--max-age",
    metavar="DAYS",
    type=click.IntRange(min=1, max=366),
    default=7,
    show_default=True,
    help="Reports due longer ago than this are not sent; each is reported once.",
)
def command(
    *,
    output: str | None,
    config: str | None,
    dry_run: bool,
    as_json: bool,
    verbose: int,
    quiet: bool,
    log_format: str,
    catch_up: str,
    max_age: int,
) -> int:
    """Send the reports that are due by their own `send_at`, each only once. Run this command every 15 minutes.

    Deferred emails are retried, and work left behind by a run that died is resumed. If nothing is due, no API request
    is made and the exit code is 0; otherwise, the exit codes are those of a run. A report added to the configuration is
    not sent for past periods.
    """
    from reporter.cli import setup
    from reporter.cli.alerting import watched
    from reporter.scheduling.due_list import CatchUp, CatchUpPolicy

    setup.configure_logs(verbose=verbose, quiet=quiet, log_format=log_format)
    settings = _configured(output, config, dry_run=dry_run)
    policy = CatchUpPolicy(CatchUp(catch_up), timedelta(days=max_age))
    return watched(
        lambda: _send_due(settings, policy, setup.clock(), dry_run=dry_run, is_silent=quiet or as_json),
        settings,
        is_real=not dry_run,
        sends=not dry_run,
        as_json=as_json,
        quiet=quiet,
    )


def _configured(output: str | None, file: str | None, *, dry_run: bool) -> "Config":
    """The configuration, which must name the reports and a mail server."""
    from reporter.cli import setup
    from reporter.config.settings import Overrides

    config = setup.configured(Overrides(output=output), file, is_demo=False)
    reports = setup.reports(config)
    if config.smtp is None and not dry_run and any(report.recipients for report in reports):
        raise UsageError("There is no mail server: set [smtp] or HYPERREP_SMTP_HOST; --dry-run needs none.")
    return config


def _send_due(
    config: "Config", policy: "CatchUpPolicy", now: datetime, *, dry_run: bool, is_silent: bool
) -> "RunOutcome":
    """Outcome of the due reports; if none are due by the ledger, no run starts."""
    import uuid

    from reporter.outcome import RunOutcome

    list_due = partial(_list_due, config, policy, now, dry_run=dry_run)
    due_list = list_due()
    if due_list.is_empty:
        return RunOutcome(uuid.uuid4().hex, ())
    # A run's libraries, only if reports are due.
    from reporter.cli import running
    from reporter.planning import Directory, refuse_twice
    from reporter.rendering.worker_process import start_early

    start_early()
    sender = running.sender_settings(config, is_demo=False, is_rehearsal=dry_run)

    def plan(organizations: "Sequence[Organization]") -> "Plan":
        directory = Directory(organizations)
        current = due_list if _is_current(due_list, directory) else list_due(directory)
        reports = [_planned(item, directory.find(item.report.organization or "")) for item in current.due]
        blocks = {id(report.config): (report.organization, report.config) for report in reports}
        refuse_twice(list(blocks.values()))
        running.warn(reports, sender, is_serverless=False)
        return reports, list(map(_unknown, current.unidentified))

    return running.run(running.RunJob(config, now, sender, is_silent=is_silent), plan)


def _list_due(
    config: "Config", policy: "CatchUpPolicy", now: datetime, directory: "Directory | None" = None, *, dry_run: bool
) -> "DueList":
    """The due list by the ledger; missed reports that are too old are logged once."""
    import structlog

    from reporter.archive.store import Archive
    from reporter.cli.setup import machine_clock
    from reporter.ledger.opening import bind_if_new, open_database, refuse_foreign
    from reporter.scheduling.due_list import find_due

    archive = Archive(config.output)

    find = (lambda name: directory.find(name).id) if directory else None
    with open_database(archive.root, config.ledger, machine_clock) as database:
        if not dry_run:
            bind_if_new(archive.root, database)
            refuse_foreign(archive.root, database)
        with database.transaction() as at:
            due_list = find_due(at, config.reports, policy, now, archive.holds, find=find, saves=not dry_run)
    for item in due_list.missed:
        structlog.get_logger(__name__).warning(
            "report.missed",
            organization=item.organization_id,
            period=item.occurrence.window.period.value,
            window=item.occurrence.window.label,
            due=item.occurrence.moment.isoformat(),
            hint="send it with --as-of, if it is still wanted",
        )
    return due_list


def _is_current(due_list: "DueList", directory: "Directory") -> bool:
    """Whether the API resolves the organizations to the ids that the due list was built with."""
    try:
        return not due_list.unidentified and all(
            directory.find(item.report.organization or "").id == item.organization_id for item in due_list.due
        )
    except UsageError:
        return False


def _planned(item: "DueReport", organization: "Organization") -> "PlannedReport":
    from reporter.planning import PlannedReport

    return PlannedReport(organization, item.report, item.occurrence.window)


def _unknown(item: "DueReport") -> "ReportOutcome":
    """Outcome of a report whose organization the key cannot access; other reports are not affected."""
    from reporter.domain.snapshot import Organization
    from reporter.outcome import failed

    return failed(_planned(item, Organization("", item.report.organization or "")), str(item.error), item.error)
