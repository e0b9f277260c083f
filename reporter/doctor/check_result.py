"""What a check says, and what it is given to look at."""

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
    """How a check ended: a warning is lawful but seldom meant, a problem makes a run fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found: `mend` says what to do, a sentence each; `exit_code` is what a problem is to a script."""

    check: str
    level: Level
    text: str
    mend: tuple[str, ...] = ()
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What came of the one question to the API; without organizations, `error` says why, or nothing was asked.

    `ahead` is how far this machine's clock is ahead of the API's, None where the API told no time.
    """

    organizations: tuple[Organization, ...] | None = None
    error: ApiError | None = None
    ahead: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at; `answer` waits for the API's, `names` asks the DNS.

    `selectors` are the names of the sender's DKIM keys, where somebody knows them. `worker` renders documents as a run
    does, in another process; the checks that render need one.
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
        """The configuration, as far as it is without fault."""
        return self.examined.config

    @property
    def reports(self) -> Sequence[ReportConfig]:
        """The configured reports, or what any report would be like."""
        return self.config.reports or (self.config.defaults,)

    def doubts(self, key: str) -> bool:
        """Whether something is wrong with this key or table, so that what the configuration says of it is a guess."""
        return key in self.examined.faulty


def well(check: str, text: str) -> CheckResult:
    """All is as a run needs it."""
    return CheckResult(check, Level.OK, text)


def warning(check: str, text: str, *mend: str) -> CheckResult:
    """A run would go through, but perhaps not as it is meant; or the check could not be made."""
    return CheckResult(check, Level.WARNING, text, mend)


def problem(check: str, text: str, *mend: str, exit_code: int = 1) -> CheckResult:
    """A run would fail."""
    return CheckResult(check, Level.PROBLEM, text, mend, exit_code)


def unchecked(check: str, because: str, mend: str) -> CheckResult:
    """The check has to wait for another one's problem to be mended."""
    return warning(check, f"not checked, as {because}", mend)


def counted(number: int, noun: str) -> str:
    """The number with its noun: `1 report`, `3 reports`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
