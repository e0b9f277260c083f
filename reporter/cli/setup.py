"""What commands set up before they run: logs, clock, configuration, archive, windows, API client, and sockets."""

import logging
import os
import socket
import sys
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from reporter.config.load import LoadedConfig, examine_config, examine_environment, load_config
from reporter.config.secrets import PDF_PASSWORD
from reporter.config.settings import Config, Overrides, ReportConfig
from reporter.domain.errors import UsageError
from reporter.domain.window import Window
from reporter.planning import resolve_window

if TYPE_CHECKING:
    from reporter.fetch import Source

NO_KEY = "set HYPERREP_API_KEY, or HYPERREP_API_KEY_FILE to a file that holds it"
"""Hint shown when there is no API key."""

DEMO_ORGANIZATION = "Acme Roofing"
DEMO_RECIPIENT = "executive@example.com"
DEMO_TIMEZONE = "America/New_York"

Place = tuple[Path, str | None]
"""An archive's root, and its ledger's URL if that is on a server."""


def configure_logs(*, verbose: int = 0, quiet: bool = False, log_format: str = "text") -> None:
    """Log to stderr: warnings by default; `-v` adds progress, `-vv` everything; `-q` errors only."""
    level = logging.ERROR if quiet else {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    # Tracebacks omit the values of variables, since one may be a secret.
    renderers: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if log_format == "text"
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def clock() -> datetime:
    """Time of the run: SOURCE_DATE_EPOCH if set, so that output is reproducible to the byte, else now.

    It decides windows and dates; `machine_clock` is the actual time of this machine.
    """
    pinned = os.environ.get("SOURCE_DATE_EPOCH")
    if pinned is None:
        return machine_clock()
    try:
        return datetime.fromtimestamp(int(pinned), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is '{pinned[:40]}', not a number of seconds since 1970.") from None


def machine_clock() -> datetime:
    """Actual time of this machine, which SOURCE_DATE_EPOCH does not change, for comparison with other clocks."""
    return datetime.now(UTC)


def configured(overrides: Overrides, file: str | None, *, is_demo: bool) -> Config:
    """The configuration with the options applied. Raises ConfigurationError, and UsageError if there is no key."""
    path = Path(file) if file else None
    if is_demo:
        return demo_configuration(overrides, path).sound()
    config = load_config(path, os.environ, overrides)
    if config.key is None:
        raise UsageError(f"There is no API key: {NO_KEY}. `hyperrep-report --demo` works without one.")
    return config


def demo_configuration(overrides: Overrides, path: Path | None) -> LoadedConfig:
    """The configuration of a demo: a file only if one is named, and no servers or keys from the environment.

    Variables with PDF passwords are the exception: a file that names one is demonstrated with it.
    """
    if path is not None:
        passwords = {name: value for name, value in os.environ.items() if name.startswith(PDF_PASSWORD)}
        return examine_config(path, passwords, overrides)
    timezone, to = overrides.timezone or DEMO_TIMEZONE, overrides.to or (DEMO_RECIPIENT,)
    return examine_environment({}, replace(overrides, timezone=timezone, to=to))


def reports(config: Config) -> tuple[ReportConfig, ...]:
    """The configured reports. Raises UsageError if there are none."""
    if not config.reports:
        raise UsageError("The configuration names no report: add a [[reports]] block for each that is to be sent.")
    return config.reports


def archive(output: str | None, file: str | None) -> Place:
    """The archive that the options name; only configuration errors that concern it are raised."""
    examined = examine_config(Path(file) if file else None, os.environ, Overrides(output=output))
    config = examined.sound() if examined.faulty & {"output", "ledger"} else examined.config
    return config.output, config.ledger


def archive_with_ledger(output: str | None, file: str | None) -> Place:
    """The archive that the options name. Raises UsageError if it has no ledger; opening one would create it."""
    # Slow import: only commands that read the ledger need a database.
    from reporter.ledger.opening import has_ledger

    place = archive(output, file)
    if not has_ledger(*place):
        raise UsageError(f"{place[0]} has no ledger: nothing was sent from there, or --output names another archive.")
    return place


def window(
    report: ReportConfig,
    now: datetime,
    *,
    as_of: date | None = None,
    first: date | None = None,
    until: date | None = None,
    allow_partial: bool = False,
) -> Window:
    """The window of a report; "today" is the local date in its time zone. Raises UsageError."""
    return resolve_window(
        period=report.period,
        first=first,
        until=until,
        today=now.astimezone(ZoneInfo(report.timezone)).date(),
        timezone=report.timezone,
        week_start=report.week_start,
        allow_partial=allow_partial,
        as_of=as_of,
    )


def source(config: Config, now: datetime, *, is_demo: bool) -> AbstractAsyncContextManager["Source"]:
    """The source of the reports: the API, or in a demo the sandbox as known at `now`."""
    # Slow imports: `due` runs every few minutes and mostly makes no request.
    if is_demo:
        from reporter.sandbox.source import SandboxSource

        return nullcontext(SandboxSource(now))
    from reporter.hyperrep.client import HyperRepApi

    assert config.key is not None
    return HyperRepApi(config.key.get_secret_value(), config.api, clock=machine_clock)


def listen(what: str, host: str, port: int) -> socket.socket:
    """A socket listening on the host and port (0: any free one). Raises UsageError, which begins with `what`."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not a host name"
        raise UsageError(
            f"{what} cannot listen on {host} port {port}: {reason}. Choose another with --host or --port."
        ) from error


def url(listener: socket.socket, host: str) -> str:
    """The listener's URL under this host name, without a trailing slash."""
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
