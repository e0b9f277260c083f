"""`hyperrep-report schedule`: print a schedule for cron, systemd, GitHub Actions, or Kubernetes."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reporter.config import DEFAULT_FILE
from reporter.domain.errors import UsageError

if TYPE_CHECKING:
    from reporter.config.settings import Config, ReportConfig
    from reporter.domain.window import Period
    from reporter.scheduling.calendar import Timetable

SCHEDULERS = ("cron", "systemd", "github", "kubernetes")
"""Supported schedulers, each with a template of the same name in `schedules/`."""

ONE_RUN = {"as_of", "first", "until", "demo", "force", "allow_partial"}
"""Options of the main command that make sense only for a single run."""

Given = list[tuple[click.Option, Any]]
"""The main command's options as given, with their values."""


@click.command(
    "schedule",
    context_settings={"ignore_unknown_options": True},
    options_metavar="[--at TIME | --due]",
)
@click.argument("scheduler", type=click.Choice(SCHEDULERS))
@click.option(
    "--at",
    metavar="TIME",
    help="'Mon 07:00', '1 07:00' (day of the month), or '07:00'.  [default: 07:00 on Monday, or on day 1]",
)
@click.option(
    "--due", "by_own_time", is_flag=True, help="Run `due` every 15 minutes, for reports that each have their own time."
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS OF A RUN]...")
def command(scheduler: str, at: str | None, options: tuple[str, ...], *, by_own_time: bool) -> None:
    """Print a ready-to-use crontab line, systemd timer, GitHub Actions workflow, or Kubernetes CronJob.

    All other options are those of the scheduled command, and apply to every run. Examples:

    hyperrep-report schedule cron --period month --timezone Europe/Berlin

    hyperrep-report schedule systemd --at 'Tue 06:30' --config reports.toml

    hyperrep-report schedule cron --due --config reports.toml
    """
    # Slow imports, loaded late here and below so that `--help` stays fast.
    from reporter.cli.schedule_files import ScheduledJob, written
    from reporter.config.needs import extras_needed, secrets_needed
    from reporter.scheduling.calendar import EveryQuarterHour

    if by_own_time and at is not None:
        raise UsageError("--due goes by each report's `send_at`: leave out --at.")
    given = _given(options, by_own_time=by_own_time)
    config = _configured(given)
    secrets = secrets_needed(_file(given), os.environ)
    now = datetime.now(UTC)
    folder = Path.cwd()
    job = ScheduledJob(
        timetable=EveryQuarterHour() if by_own_time else _timetable(at, config, given, now),
        options=tuple(_words(given)),
        program=_program(),
        folder=folder,
        owner=_owner(folder),
        output=config.output,
        config=_file(given),
        environment=_environment(),
        secrets=secrets,
        extras=extras_needed(_reports(config, given), secrets),
        year=now.year,
    )
    click.echo(written(job, scheduler), nl=False)


def _timetable(at: str | None, config: "Config", given: Given, now: datetime) -> "Timetable":
    """The time of the one run for all reports."""
    from reporter.scheduling.calendar import read_at

    reports = _reports(config, given)
    return read_at(at, _period(reports), _zone(reports, now))


def _given(options: tuple[str, ...], *, by_own_time: bool) -> Given:
    """Parse the options as the command does. Raises click's errors, and UsageError for single-run options."""
    from reporter.cli.command import main
    from reporter.cli.due import command as due

    if unreadable := [option for option in options if not option.isprintable()]:
        raise UsageError(f"{unreadable[0]!r} holds a line break or an invisible character, which no schedule can hold.")
    known = [
        option
        for option in (due if by_own_time else main).params
        if isinstance(option, click.Option) and not option.is_eager
    ]
    reader = click.Command("hyperrep-report", params=list(known), add_help_option=False)
    with reader.make_context("hyperrep-report", list(options)) as context:
        here = click.core.ParameterSource.COMMANDLINE
        names = {name for name in context.params if context.get_parameter_source(name) is here}
        given = [(option, context.params[str(option.name)]) for option in known if option.name in names]
    if once := [option.opts[0] for option, _ in given if option.name in ONE_RUN]:
        raise UsageError(f"{once[0]} is for a single run: a schedule takes the last complete period each time.")
    return given


def _configured(given: Given) -> "Config":
    """The configuration of the runs, without secrets, which are kept where they run. Raises ConfigurationError."""
    from dataclasses import fields

    from reporter.config.load import load_config
    from reporter.config.settings import Overrides

    values = {str(option.name): value for option, value in given}
    values["to"] = values.get("recipients")
    overrides = Overrides(**{each.name: values.get(each.name) for each in fields(Overrides)})
    return load_config(_file(given), os.environ, overrides, secrets=False)


def _file(given: Given) -> Path | None:
    """The configuration file of the runs: the named one, else the one in the working directory."""
    named = next((value for option, value in given if option.name == "config"), None)
    return Path(named) if named else DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _reports(config: "Config", given: Given) -> "Sequence[ReportConfig]":
    """The reports of the runs, as far as the configuration names them."""
    has_others = not config.reports or any(option.name == "all_orgs" for option, _ in given)
    return (*config.reports, *((config.defaults,) if has_others else ()))


def _period(reports: "Sequence[ReportConfig]") -> "Period":
    """The shortest period of the reports; a run that is too early for others finds them already sent."""
    from reporter.domain.window import Period

    return next(period for period in Period if period in {report.period for report in reports})


def _zone(reports: "Sequence[ReportConfig]", now: datetime) -> str:
    """The reports' time zone in which a day begins last, so that every report's period has ended by then."""
    from zoneinfo import ZoneInfo

    if not all(report.timezone_given for report in reports):
        click.echo(
            "A report has no time zone, so it is UTC: give --timezone, or set it in the configuration.", err=True
        )
    zones = sorted({report.timezone for report in reports})
    zone = min(zones, key=lambda name: now.astimezone(ZoneInfo(name)).replace(tzinfo=None))
    if len(zones) > 1:
        click.echo(
            f"The reports have {len(zones)} time zones: the time is that of {zone}, where days begin last.", err=True
        )
    return zone


def _words(given: Given) -> Iterator[str]:
    """The options as command-line words, without configuration and output, which each template places itself."""
    for option, value in given:
        name = option.opts[-1] if option.count else option.opts[0]
        if option.name in {"config", "output"}:
            continue
        if option.is_flag:
            yield name
        elif option.count:
            yield from [name] * value
        else:
            for each in value if option.multiple else (value,):
                yield from (name, str(each))


def _owner(folder: Path) -> str:
    """The folder's owner by name, or by user id if it has no name."""
    try:
        return folder.owner()
    except KeyError:
        return str(folder.stat().st_uid)


def _program() -> Path:
    """Absolute path of this program, since schedulers do not search PATH."""
    found = shutil.which("hyperrep-report") or shutil.which("hyperrep-report", path=str(Path(sys.executable).parent))
    return Path(found or Path(sys.executable).with_name("hyperrep-report")).absolute()


def _environment() -> dict[str, str]:
    """The settings of the current environment, without secrets."""
    from reporter.config.schema import ENVIRONMENT

    return {name: os.environ[name] for name in ENVIRONMENT.values() if os.environ.get(name)}
