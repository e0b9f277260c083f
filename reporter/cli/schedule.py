"""`hyperrep-report schedule`: print a schedule for cron, systemd, GitHub Actions, or Kubernetes."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reporter import __version__
from reporter.config import DEFAULT_FILE
from reporter.domain.errors import UsageError

if TYPE_CHECKING:
    from reporter.config.settings import ReportConfig
    from reporter.domain.window import Period
    from reporter.scheduling.calendar import EveryQuarterHour, Timetable

GITHUB = "github"
SCHEDULERS = ("cron", "systemd", GITHUB, "kubernetes")
"""Supported schedulers, each with a template of the same name in `schedules/`."""

ONE_RUN = {"as_of", "first", "until", "demo", "force", "allow_partial"}
"""Options of the main command that make sense only for a single run."""

SECRETS = "/etc/hyperrep-report"
"""Folder of the secret files, and of the configuration in a container."""

INCLUDED_EXTRAS = {"cjk"}
"""Extras that the image and a folder of wheels include by default."""

Given = list[tuple[click.Option, Any]]
"""The scheduled command's options as given, with their values."""


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
    from dataclasses import fields

    from reporter.cli.schedule_files import render
    from reporter.config.load import load_config
    from reporter.config.settings import Overrides
    from reporter.scheduling.calendar import EveryQuarterHour, read_at

    if by_own_time and at is not None:
        raise UsageError("--due uses each report's `send_at`: leave out --at.")
    given = _given(options, by_own_time=by_own_time)
    values = {str(option.name): value for option, value in given}
    file = Path(values["config"]) if values.get("config") else DEFAULT_FILE if DEFAULT_FILE.exists() else None
    overrides = Overrides(**{each.name: values.get(each.name) for each in fields(Overrides)})
    # Secrets are not read, since they are kept where the schedule runs.
    config = load_config(file, os.environ, overrides, secrets=False)
    has_others = not config.reports or "all_orgs" in values
    reports = (*config.reports, *((config.defaults,) if has_others else ()))
    now = datetime.now(UTC)
    timetable = EveryQuarterHour() if by_own_time else read_at(at, _shortest_period(reports), _zone(reports, now))
    if scheduler == GITHUB:
        _refuse_outside(file, config.output)
    variables = {
        **_times(timetable, now.year, is_utc=scheduler == GITHUB),
        **_commands(["due"] if by_own_time else [], file, config.output, list(_words(given))),
        **_requirements(file, reports),
    }
    click.echo(render(scheduler, variables), nl=False)


def _given(options: tuple[str, ...], *, by_own_time: bool) -> Given:
    """Parse the options as the command does. Raises click's errors, and UsageError for single-run options."""
    from reporter.cli.command import main
    from reporter.cli.due import command as due

    if unreadable := [option for option in options if not option.isprintable()]:
        raise UsageError(
            f"{unreadable[0]!r} contains a line break or an invisible character, which no schedule can contain."
        )
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


def _shortest_period(reports: "Sequence[ReportConfig]") -> "Period":
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


def _refuse_outside(*paths: Path | None) -> None:
    """Reject paths outside the repository, which a workflow cannot read."""
    for path in paths:
        if path and (path.is_absolute() or ".." in path.parts):
            raise UsageError(f"{path} is outside the repository: give a path relative to the repository.")


def _times(timetable: "Timetable | EveryQuarterHour", year: int, *, is_utc: bool) -> dict[str, Any]:
    """The template variables of the time. Only GitHub's times are in UTC, since it has no time zones."""
    return {
        "name": f"hyperrep-report-{timetable.period}",
        "timetable": timetable,
        "utc": timetable.in_utc(year) if is_utc else None,
        "has_summer_time": timetable.has_summer_time(year),
    }


def _commands(subcommand: list[str], file: Path | None, output: Path, words: list[str]) -> dict[str, Any]:
    """The template variables of the command: as run in this folder, as installed elsewhere, and in a container."""
    folder = Path.cwd()
    arguments = [*subcommand, *(("--config", str(file)) if file else ()), "--output", str(output), *words]
    in_container = [*subcommand, *(("--config", f"{SECRETS}/{DEFAULT_FILE}") if file else ())]
    return {
        "folder": str(folder),
        "owner": _owner(folder),
        "config": file,
        "output": str(output),
        "command_here": [_program(), *arguments],
        "command_installed": ["hyperrep-report", *arguments],
        "options_in_container": [*in_container, "--output", "/data/reports", *words],
    }


def _requirements(file: Path | None, reports: "Sequence[ReportConfig]") -> dict[str, Any]:
    """The template variables of what a run needs: settings of the environment, secrets, extras, and the version."""
    from reporter.config.needs import extras_needed, secrets_needed
    from reporter.config.schema import ENVIRONMENT

    secrets = secrets_needed(file, os.environ)
    extras = [extra for extra in extras_needed(reports, secrets) if extra not in INCLUDED_EXTRAS]
    return {
        "environment": {name: os.environ[name] for name in ENVIRONMENT.values() if os.environ.get(name)},
        "secrets": secrets,
        "secrets_folder": SECRETS,
        "build_wheels": ["sh", "scripts/wheels", str(Path.cwd() / "wheels"), *extras],
        "image_extras": " ".join(extras),
        "version": __version__,
    }


def _owner(folder: Path) -> str:
    """The folder's owner by name, or by user id if it has no name."""
    try:
        return folder.owner()
    except KeyError:
        return str(folder.stat().st_uid)


def _program() -> str:
    """Absolute path of this program, since schedulers do not search PATH."""
    found = shutil.which("hyperrep-report") or shutil.which("hyperrep-report", path=str(Path(sys.executable).parent))
    return str(Path(found or Path(sys.executable).with_name("hyperrep-report")).absolute())
