"""The resolved configuration: frozen values merged from file, environment, and flags."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pydantic import SecretStr

from reporter.analysis.metrics import DEFAULT_FIGURES
from reporter.delivery.smtp.smtp_settings import SmtpSettings
from reporter.domain.mailbox import Mailbox
from reporter.domain.report import Brand, CurrencySource, Paper, Section
from reporter.domain.window import Period, WeekStart
from reporter.hyperrep.access import ApiSettings
from reporter.rendering.templates import DEFAULT
from reporter.scheduling.calendar import SendTime, Timetable, timetable

DEFAULT_LOCALE = "en_US"


@dataclass(frozen=True, slots=True)
class Overrides:
    """Settings from the command line, which take precedence; None if a flag was not given."""

    timezone: str | None = None
    locale: str | None = None
    currency: str | None = None
    week_start: str | None = None
    to: tuple[str, ...] | None = None
    period: str | None = None
    output: str | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True)
class ReportConfig:
    """Settings of one report. `organization` is a name or an id; None applies to any organization.

    `timezone_given` and `currency_given_by` distinguish configured values from defaults. Emails go only to
    `allowed_domains`; None allows any domain. With a `pdf_password`, the PDF in the email opens only with that
    password.
    """

    week_start: WeekStart
    paper: Paper
    organization: str | None = None
    recipients: tuple[Mailbox, ...] = ()
    period: Period = Period.WEEK
    timezone: str = "UTC"
    timezone_given: bool = False
    locale: str = DEFAULT_LOCALE
    currency: str | None = None
    currency_given_by: CurrencySource | None = None
    template: str = DEFAULT
    figures: tuple[str, ...] = DEFAULT_FIGURES
    sections: tuple[Section, ...] = tuple(Section)
    targets: Mapping[str, Decimal] = field(default_factory=dict)
    brand: Brand = field(default_factory=Brand)
    allowed_domains: tuple[str, ...] | None = None
    send_at: SendTime = field(default_factory=SendTime)
    pdf_password: SecretStr | None = None

    @property
    def timetable(self) -> Timetable:
        """When the report is due, in its time zone."""
        return timetable(self.send_at, self.period, self.timezone, self.week_start)


@dataclass(frozen=True, slots=True)
class Operators:
    """Where operator alerts go: mailboxes and services, and the heartbeat called when a run starts and ends."""

    recipients: tuple[Mailbox, ...] = ()
    services: tuple[SecretStr, ...] = ()
    heartbeat: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a run needs except the clock. `smtp` is None without a host; emails then stay in the archive.

    `reports` are the reports the file names; `defaults` applies to any other. `ledger` is the URL of a ledger on a
    server; None means a file in the archive.
    """

    api: ApiSettings
    key: SecretStr | None
    smtp: SmtpSettings | None
    ops: Operators
    output: Path
    defaults: ReportConfig
    reports: tuple[ReportConfig, ...]
    ledger: str | None = field(default=None, repr=False)
