"""A schedule's text for each program that can run the command on time: a template, and that program's quoting."""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reporter import __version__
from reporter.config import DEFAULT_FILE
from reporter.config.needs import Need
from reporter.domain.errors import UsageError
from reporter.scheduling.calendar import EveryQuarterHour, Timetable

if TYPE_CHECKING:
    from jinja2 import Environment

GITHUB = "github"
SECRETS = "/etc/hyperrep-report"
"""The folder of the files with secrets, and of the configuration in a container."""

KEEPING = "23 3 15 * *"
"""When the workflow keeps its archive anew: monthly, well within the days that GitHub keeps it."""

IN_IMAGE = IN_WHEELS = {"cjk"}
"""The extras that the image, and a folder of wheels, have unless they are told otherwise."""

_AS_THEY_ARE = ("timetable", "owner", "config", "environment", "secrets", "name")


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """What to run and when. `options` are the command's own, without `config` and `output`, which have their place.

    `environment` holds what the environment said when the schedule was made, but no secret: `secrets` are those to be
    kept where the job runs, and `extras` what is to be installed there. `year` is the one in which the distance to UTC
    is measured.
    """

    timetable: Timetable | EveryQuarterHour
    options: tuple[str, ...]
    program: Path
    folder: Path
    owner: str
    output: Path
    config: Path | None
    environment: Mapping[str, str]
    secrets: tuple[Need, ...]
    extras: tuple[str, ...]
    year: int

    @property
    def subcommand(self) -> tuple[str, ...]:
        """What stands before the options: nothing, or `due` where each report has its own time."""
        return ("due",) if isinstance(self.timetable, EveryQuarterHour) else ()

    @property
    def name(self) -> str:
        """The schedule's name; another period is another schedule."""
        return f"hyperrep-report-{self.timetable.period}"


def written(job: ScheduledJob, scheduler: str) -> str:
    """The schedule's text, from the template of this name; raises UsageError where its program cannot hold it."""
    return _environment().get_template(f"{scheduler}.j2").render(_values(job, scheduler))


def _values(job: ScheduledJob, scheduler: str) -> dict[str, Any]:
    """What the templates use. GitHub has no zones, so only its time is told in UTC."""
    if scheduler == GITHUB:
        _refuse_outside(job)
    plain = {name: getattr(job, name) for name in _AS_THEY_ARE}
    utc = job.timetable.in_utc(job.year) if scheduler == GITHUB else None
    arguments = (*job.subcommand, *_named("--config", job.config), *_named("--output", job.output), *job.options)
    inside = ("--config", f"{SECRETS}/{DEFAULT_FILE}") if job.config else ()
    return plain | {
        "folder": str(job.folder),
        "output": str(job.output),
        "command_here": (str(job.program), *arguments),
        "command_installed": ("hyperrep-report", *arguments),
        "options_in_container": (*job.subcommand, *inside, "--output", "/data/reports", *job.options),
        "utc": utc,
        "has_summer_time": job.timetable.has_summer_time(job.year),
        "keeping": KEEPING,
        "secrets_folder": SECRETS,
        "build_wheels": ("sh", "scripts/wheels", str(job.folder / "wheels"), *sorted({*job.extras} - IN_WHEELS)),
        "image_extras": " ".join(extra for extra in job.extras if extra not in IN_IMAGE),
        "version": __version__,
    }


def _refuse_outside(job: ScheduledJob) -> None:
    """A workflow finds only what lies in its repository."""
    for path in (job.config, job.output):
        if path and (path.is_absolute() or ".." in path.parts):
            raise UsageError(f"{path} lies outside of the repository: name it by a path relative to the repository.")


def _named(option: str, path: Path | None) -> tuple[str, ...]:
    return (option, str(path)) if path else ()


def _cron_variable(value: str) -> str:
    """A value in quotes that are not in it, as cron knows no escape."""
    mark = next((mark for mark in ('"', "'") if mark not in value), None)
    if mark is None:
        raise UsageError(
            f"{value!r} holds both kinds of quotes, which a crontab cannot: put it into the configuration."
        )
    return f"{mark}{value}{mark}"


def _cron_command(command: str) -> str:
    return command.replace("%", r"\%")


def _systemd_path(path: str) -> str:
    return path.replace("%", "%%")


def _systemd_text(text: str) -> str:
    """A word as systemd reads it: in quotes unless it is plain, its specifiers taken literally."""
    if re.fullmatch(r"[A-Za-z0-9_@:,./=+-]+", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _systemd_command(words: Iterable[str]) -> str:
    return " ".join(_systemd_text(word).replace("$", "$$") for word in words)


def _yaml(text: str) -> str:
    """Text in double quotes: JSON that keeps its letters is YAML as well."""
    return json.dumps(text, ensure_ascii=False)


def _github_literal(text: str) -> str:
    """Text without an expression that GitHub would evaluate."""
    return text.replace("${{", "${{ '${{' }}")


def _github_text(text: str) -> str:
    return _yaml(_github_literal(text))


def _kubernetes_text(text: str) -> str:
    return _yaml(text.replace("$(", "$$("))


_FILTERS: dict[str, Callable[..., str]] = {
    "shell": shlex.join,
    "cron_variable": _cron_variable,
    "cron_command": _cron_command,
    "systemd_path": _systemd_path,
    "systemd_text": _systemd_text,
    "systemd_command": _systemd_command,
    "github_literal": _github_literal,
    "github_text": _github_text,
    "kubernetes_text": _kubernetes_text,
}


def _environment() -> "Environment":
    """Templates with other marks than usual, as GitHub's own are Jinja's; each value goes through its filter."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - not for the command's help

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "schedules"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - none of these texts is markup
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    return environment
