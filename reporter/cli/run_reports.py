"""`hyperrep-report` without a subcommand: run the reports that options and configuration select."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from reporter.cli import running, setup
from reporter.cli.alerting import watched
from reporter.config.settings import Config, Overrides
from reporter.domain.errors import UsageError
from reporter.domain.snapshot import Organization
from reporter.outcome import RunOutcome
from reporter.planning import PlannedReport, Selection, choose


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The command's options as given; None, empty, or False if omitted."""

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
    to: tuple[str, ...]
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


def run_reports(options: ReportOptions) -> int:
    """Render, archive, and email the selected reports, and return the exit code."""
    setup.configure_logs(verbose=options.verbose, quiet=options.quiet, log_format=options.log_format)
    config, is_real = _configured(options), not (options.demo or options.dry_run)
    return watched(
        lambda: _run(options, config, setup.clock()),
        config,
        is_real=is_real,
        sends=is_real and not options.no_email,
        as_json=options.as_json,
        quiet=options.quiet,
    )


def _run(options: ReportOptions, config: Config, now: datetime) -> RunOutcome:
    """Run the reports, after validating everything that can be checked without requests or writes."""
    selection = _selection(options)
    window_of = partial(
        setup.window,
        now=now,
        as_of=options.as_of,
        first=options.first,
        until=options.until,
        allow_partial=options.allow_partial,
    )
    for report in (config.defaults, *config.reports):
        window_of(report)
    sender = None
    if not options.no_email:
        sender = running.sender_settings(config, is_demo=options.demo, is_rehearsal=options.dry_run)
    is_serverless = config.smtp is None and not (options.demo or options.dry_run)

    def plan(organizations: Sequence[Organization]) -> running.Plan:
        chosen = choose(selection, config.reports, config.defaults, organizations)
        reports = [PlannedReport(each, report, window_of(report)) for each, report in chosen]
        running.warn(reports, sender, is_serverless=is_serverless)
        return reports, ()

    is_silent = options.quiet or options.as_json
    return running.run(running.RunJob(config, now, sender, options.demo, options.force, is_silent), plan)


def _configured(options: ReportOptions) -> Config:
    """The configuration with the options applied. Raises ConfigurationError with every problem."""
    if options.force is not None and not options.force.strip():
        raise UsageError("--force needs a reason: it is recorded with the new revision.")
    if options.force is not None and (options.no_email or options.dry_run or options.demo):
        raise UsageError("--force sends again, but --no-email, --dry-run, and --demo send nothing: give one of them.")
    overrides = Overrides(
        timezone=options.timezone,
        locale=options.locale,
        currency=options.currency,
        week_start=options.week_start,
        to=options.to or None,
        period=options.period,
        output=options.output,
        template=options.template,
    )
    config = setup.configured(overrides, options.config, is_demo=options.demo)
    if options.force is not None and config.smtp is None:  # the next run with a server would send it unasked
        raise UsageError("--force sends again, but there is no mail server: set [smtp] or HYPERREP_SMTP_HOST.")
    return config


def _selection(options: ReportOptions) -> Selection:
    if options.names and options.all_orgs:
        raise UsageError("--org and --all-orgs exclude each other: give one of them.")
    if not all(name.strip() for name in options.names):
        raise UsageError("--org is empty: give the name or the id of an organization.")
    if options.demo and not options.all_orgs and options.config is None:
        return Selection(options.names or (setup.DEMO_ORGANIZATION,))
    return Selection(options.names, options.all_orgs)
