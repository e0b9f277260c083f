"""What every command that makes reports begins with: the clock, the configuration, the windows and the API."""

import os
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
    from reporter.hyperrep.client import HyperRepApi

NO_KEY = "set HYPERREP_API_KEY, or HYPERREP_API_KEY_FILE to a file that holds it"
"""What to do where there is no API key."""


def clock() -> datetime:
    """When the run takes place: at SOURCE_DATE_EPOCH where it is set, so that it can be repeated to the byte, else now.

    It decides windows and dates. What this machine's clock itself says is `machine_clock`.
    """
    pinned = os.environ.get("SOURCE_DATE_EPOCH")
    if pinned is None:
        return machine_clock()
    try:
        return datetime.fromtimestamp(int(pinned), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is '{pinned[:40]}', not a number of seconds since 1970.") from None


def machine_clock() -> datetime:
    """The time by this machine, which nothing pins: only so can it be compared with another's."""
    return datetime.now(UTC)


def configured(overrides: Overrides, file: str | None, *, is_demo: bool) -> Config:
    """The configuration with the options over it; raises ConfigurationError, and UsageError where there is no key."""
    path = Path(file) if file else None
    if is_demo:
        return demo.configuration(overrides, path).sound()
    config = load_config(path, os.environ, overrides)
    if config.key is None:
        raise UsageError(f"There is no API key: {NO_KEY}. `hyperrep-report --demo` works without one.")
    return config


def reports(config: Config) -> tuple[ReportConfig, ...]:
    """The reports that have a time of their own; raises UsageError when there is none."""
    if not config.reports:
        raise UsageError("The configuration names no report: add a [[reports]] block for each that is to be sent.")
    return config.reports


def archive(output: Path | None, file: Path | None) -> tuple[Path, str | None]:
    """Where the archive lies, and the address of its ledger where that is on a server; other faults do not matter.

    Raises ConfigurationError when the configuration does not say so.
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
    """The window of a report; "today" is a local date of its zone. Raises UsageError."""
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


def api(config: Config, now: datetime, *, is_demo: bool) -> "HyperRepApi":
    """The API that the reports are made from; in a demo the sandbox's, as it is at `now`."""
    # The libraries of a network are slow to load: `due`, run every few minutes, mostly has nothing to ask.
    from reporter.hyperrep.client import HyperRepApi  # noqa: PLC0415
    from reporter.sandbox.in_process import sandbox_api  # noqa: PLC0415

    if is_demo:
        return sandbox_api(now)
    assert config.key is not None
    return HyperRepApi(config.key.get_secret_value(), config.api, clock=machine_clock)
