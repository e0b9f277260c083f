"""Setup shared by the commands that create reports: clock, configuration, windows, and API client."""

import os
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reporter.cli import demo
from reporter.config.load import examine_config, load_config
from reporter.config.settings import Config, Overrides, ReportConfig
from reporter.domain.errors import UsageError
from reporter.domain.window import Window, resolve_window

if TYPE_CHECKING:
    from reporter.fetch import Source

NO_KEY = "set HYPERREP_API_KEY, or HYPERREP_API_KEY_FILE to a file that holds it"
"""Hint shown when there is no API key."""


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
        return demo.configuration(overrides, path).sound()
    config = load_config(path, os.environ, overrides)
    if config.key is None:
        raise UsageError(f"There is no API key: {NO_KEY}. `hyperrep-report --demo` works without one.")
    return config


def reports(config: Config) -> tuple[ReportConfig, ...]:
    """The configured reports. Raises UsageError if there are none."""
    if not config.reports:
        raise UsageError("The configuration names no report: add a [[reports]] block for each that is to be sent.")
    return config.reports


def archive(output: Path | None, file: Path | None) -> tuple[Path, str | None]:
    """The archive's root, and its ledger's URL if that is on a server; other configuration errors are ignored.

    Raises ConfigurationError if one of the two is invalid.
    """
    examined = examine_config(file, os.environ, Overrides(output=str(output) if output else None))
    config = examined.sound() if examined.faulty & {"output", "ledger"} else examined.config
    return config.output, config.ledger


def window(
    report: ReportConfig,
    now: datetime,
    *,
    as_of: date | None,
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
        from reporter.sandbox.source import SandboxSource  # noqa: PLC0415

        return nullcontext(SandboxSource(now))
    from reporter.hyperrep.client import HyperRepApi  # noqa: PLC0415

    assert config.key is not None
    return HyperRepApi(config.key.get_secret_value(), config.api, clock=machine_clock)
