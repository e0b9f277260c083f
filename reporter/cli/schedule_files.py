"""The text of a schedule: the template of its scheduler, and the scheduler's rules for quoting."""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reporter.domain.errors import UsageError


def render(scheduler: str, variables: Mapping[str, Any]) -> str:
    """Render the scheduler's template. Raises UsageError if the scheduler cannot express a value.

    The template's delimiters are not Jinja's, since GitHub uses those. Every value needs a filter that quotes it.
    """
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
    return environment.get_template(f"{scheduler}.j2").render(variables)


def _cron_variable(value: str) -> str:
    """The value in quotes that it does not contain, since cron has no escapes."""
    mark = next((mark for mark in ('"', "'") if mark not in value), None)
    if mark is None:
        raise UsageError(
            f"{value!r} contains both kinds of quotes, which a crontab cannot: put it into the configuration."
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
