"""Text of a schedule for each scheduler: its template and its quoting rules."""

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
"""Folder of the secret files, and of the configuration in a container."""

KEEPING = "23 3 15 * *"
"""When the workflow renews its archive artifact: monthly, well within GitHub's retention period."""

IN_IMAGE = IN_WHEELS = {"cjk"}
"""Extras that the image and a folder of wheels include by default."""

_AS_THEY_ARE = ("timetable", "owner", "config", "environment", "secrets", "name")


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """What to run and when. `options` are the command's, without `config` and `output`, which are separate.

    `environment` holds the settings of the environment when the schedule was created, without secrets. `secrets` must
    be stored and `extras` installed where the job runs. `year` is the year in which the UTC offset is computed.
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
        """The words before the options: none, or `due` if each report has its own time."""
        return ("due",) if isinstance(self.timetable, EveryQuarterHour) else ()

    @property
    def name(self) -> str:
        """The schedule's name, different for each period."""
        return f"hyperrep-report-{self.timetable.period}"


def written(job: ScheduledJob, scheduler: str) -> str:
    """Render the schedule from the scheduler's template. Raises UsageError if a value cannot be expressed."""
    return _environment().get_template(f"{scheduler}.j2").render(_values(job, scheduler))


def _values(job: ScheduledJob, scheduler: str) -> dict[str, Any]:
    """The variables of the templates. Only GitHub's times are in UTC, since it has no time zones."""
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
    """Reject paths outside the repository, which a workflow cannot read."""
    for path in (job.config, job.output):
        if path and (path.is_absolute() or ".." in path.parts):
            raise UsageError(f"{path} lies outside of the repository: name it by a path relative to the repository.")


def _named(option: str, path: Path | None) -> tuple[str, ...]:
    return (option, str(path)) if path else ()


def _cron_variable(value: str) -> str:
    """The value in quotes that it does not contain, since cron has no escapes."""
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
    """A word for a systemd unit: quoted unless plain, with its specifiers escaped."""
    if re.fullmatch(r"[A-Za-z0-9_@:,./=+-]+", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _systemd_command(words: Iterable[str]) -> str:
    return " ".join(_systemd_text(word).replace("$", "$$") for word in words)


def _yaml(text: str) -> str:
    """Text in double quotes: JSON with unescaped letters is also valid YAML."""
    return json.dumps(text, ensure_ascii=False)


def _github_literal(text: str) -> str:
    """Text in which GitHub evaluates no expression."""
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
    """Jinja environment with other delimiters, since GitHub uses Jinja's; every value needs a filter."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

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
