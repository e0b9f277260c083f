"""Result of a check, and the subject that checks examine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from reporter.config.load import LoadedConfig
from reporter.config.settings import Config, ReportConfig
from reporter.doctor.dns import DnsResolver
from reporter.domain.errors import ApiError
from reporter.domain.snapshot import Organization
from reporter.rendering.worker import Worker


class Level(StrEnum):
    """Severity of a result: a warning is valid but probably unintended, a problem makes a run fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one check: `fixes` are sentences that say what to do; `exit_code` is that of a problem."""

    level: Level
    text: str
    fixes: tuple[str, ...] = ()
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """Result of the one API request; without organizations, `error` is the cause, or no request was made.

    `ahead` is how far this machine's clock is ahead of the API's, None if the API sent no time.
    """

    organizations: tuple[Organization, ...] | None = None
    error: ApiError | None = None
    ahead: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks examine; `answer` waits for the API's answer, `names` queries the DNS.

    `selectors` are the sender's DKIM selectors, if known. `worker` renders documents as a run does, in another
    process; the checks that render need one.
    """

    examined: LoadedConfig
    now: datetime
    answer: Callable[[], ApiAnswer]
    is_demo: bool = False
    names: DnsResolver = field(default_factory=DnsResolver)
    selectors: tuple[str, ...] = ()
    worker: Worker | None = None

    @property
    def config(self) -> Config:
        """The valid part of the configuration."""
        return self.examined.config

    @property
    def reports(self) -> Sequence[ReportConfig]:
        """The configured reports, or the defaults if there are none."""
        return self.config.reports or (self.config.defaults,)

    def is_faulty(self, *keys: str) -> bool:
        """Whether one of these keys or tables has errors, so that its value in the configuration is only a default."""
        return not self.examined.faulty.isdisjoint(keys)


def well(text: str) -> CheckResult:
    """Result of a check that passed."""
    return CheckResult(Level.OK, text)


def warning(text: str, *fixes: str) -> CheckResult:
    """Result for a run that would succeed, but perhaps not as intended; or for a check that was not possible."""
    return CheckResult(Level.WARNING, text, fixes)


def problem(text: str, *fixes: str, exit_code: int = 1) -> CheckResult:
    """Result for a run that would fail."""
    return CheckResult(Level.PROBLEM, text, fixes, exit_code)


def unchecked(reason: str, fix: str = "Fix the configuration first.") -> CheckResult:
    """Result of a check that was skipped because another problem must be fixed first."""
    return warning(f"not checked, because {reason}", fix)


def counted(number: int, noun: str) -> str:
    """The number with its noun: `1 report`, `3 reports`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
