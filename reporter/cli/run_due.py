"""Implementation of `due`: read the ledger, and start a run only if reports are due."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from reporter.archive.store import Archive
from reporter.cli import logs, setup
from reporter.cli.alerting import watched
from reporter.config.settings import Config, Overrides
from reporter.domain.errors import UsageError
from reporter.domain.snapshot import Organization
from reporter.domain.window import Window
from reporter.ledger.opening import bind_if_new, open_database, refuse_foreign
from reporter.outcome import ReportOutcome, RunOutcome, failed
from reporter.planning import Directory, PlannedReport, refuse_twice
from reporter.rendering.templates import template_folder
from reporter.scheduling.catch_up import CatchUp, CatchUpPolicy
from reporter.scheduling.due_list import DueList, DueReport, look

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DueOptions:
    """The command's options as given; None or False if omitted."""

    config: str | None
    output: str | None
    dry_run: bool
    as_json: bool
    verbose: int
    quiet: bool
    log_format: str
    catch_up: str
    max_age: int

    @property
    def policy(self) -> CatchUpPolicy:
        """Which missed reports are still sent."""
        return CatchUpPolicy(CatchUp(self.catch_up), timedelta(days=self.max_age))


def send(options: DueOptions) -> int:
    """Send the due reports and return the exit code."""
    logs.configure(verbose=options.verbose, quiet=options.quiet, log_format=options.log_format)
    config = _configured(options)
    is_real = not options.dry_run
    return watched(
        lambda: _sent(config, options, setup.clock()),
        config,
        is_real=is_real,
        sends=is_real,
        as_json=options.as_json,
        quiet=options.quiet,
    )


def _configured(options: DueOptions) -> Config:
    """The configuration, which must name the reports and a mail server."""
    config = setup.configured(Overrides(output=options.output), options.config, is_demo=False)
    reports = setup.reports(config)
    if config.smtp is None and not options.dry_run and any(report.recipients for report in reports):
        raise UsageError("There is no mail server: set [smtp] or HYPERREP_SMTP_HOST; --dry-run needs none.")
    for report in reports:
        template_folder(report.template)
    return config


def _sent(config: Config, options: DueOptions, now: datetime) -> RunOutcome:
    """Outcome of the due reports; if none are due, no run starts."""
    agenda = _agenda(config, options, now)
    return RunOutcome(uuid.uuid4().hex, ()) if agenda.is_empty else _run(config, options, now, agenda)


def _run(config: Config, options: DueOptions, now: datetime, first_look: DueList) -> RunOutcome:
    """Outcome of the due reports, after the API has resolved their organizations."""
    from reporter.cli import running  # noqa: PLC0415 - a run's libraries, only if reports are due
    from reporter.rendering.worker import start_early  # noqa: PLC0415 - as above

    start_early()
    unknown: list[ReportOutcome] = []

    def plan(organizations: Sequence[Organization]) -> Sequence[PlannedReport]:
        directory = Directory(organizations)
        agenda = first_look if _holds(first_look, directory) else _agenda(config, options, now, directory)
        unknown.extend(map(_unknown, agenda.nameless))
        reports = [_planned(item, directory) for item in agenda.due]
        refuse_twice([(report.organization, report.config) for report in _firsts(reports)])
        running.warn(reports, post, is_serverless=False)
        return reports

    post = running.post(config, is_demo=False, is_rehearsal=options.dry_run)
    job = running.RunJob(config, now, post, is_silent=options.quiet or options.as_json)
    outcome = running.until_done(running.carried_out(job, plan))
    return replace(outcome, reports=(*outcome.reports, *unknown))


def _agenda(config: Config, options: DueOptions, now: datetime, directory: Directory | None = None) -> DueList:
    """The due list by the ledger; missed reports that are too old are logged once."""
    archive = Archive(config.output)

    def archived(organization_id: str, window: Window) -> bool:
        return archive.holds(Organization(organization_id, ""), window)

    find = (lambda name: directory.find(name).id) if directory else None
    with open_database(archive.root, config.ledger, setup.machine_clock) as database:
        if not options.dry_run:
            bind_if_new(archive.root, database)
            refuse_foreign(archive.root, database)
        with database.transaction() as at:
            agenda = look(at, config.reports, options.policy, now, archived, find=find, keeps=not options.dry_run)
    for item in agenda.missed:
        log.warning(
            "report.missed",
            organization=item.organization_id,
            period=item.occurrence.window.period.value,
            window=item.occurrence.window.label,
            due=item.occurrence.moment.isoformat(),
            mend="send it with --as-of, if it is still wanted",
        )
    return agenda


def _holds(agenda: DueList, directory: Directory) -> bool:
    """Whether the API resolves the organizations to the ids that the due list was built with."""
    try:
        return not agenda.nameless and all(
            directory.find(item.report.organization or "").id == item.organization_id for item in agenda.due
        )
    except UsageError:
        return False


def _planned(item: DueReport, directory: Directory) -> PlannedReport:
    return PlannedReport(directory.find(item.report.organization or ""), item.report, item.occurrence.window)


def _unknown(item: DueReport) -> ReportOutcome:
    """Outcome of a report whose organization the key cannot access; other reports are not affected."""
    whose = Organization("", item.report.organization or "")
    return failed(PlannedReport(whose, item.report, item.occurrence.window), str(item.trouble), item.trouble)


def _firsts(reports: Sequence[PlannedReport]) -> Sequence[PlannedReport]:
    """One planned report for each configuration block."""
    return tuple({id(report.config): report for report in reports}.values())
