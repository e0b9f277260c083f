"""The finished configuration: frozen values in which file, environment and flags are already one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pydantic import SecretStr

from reporter.delivery.smtp.smtp_settings import SmtpSettings
from reporter.domain.report import Brand, CurrencySource, Paper, Section
from reporter.domain.window import Period, WeekStart
from reporter.hyperrep.api_settings import ApiSettings
from reporter.scheduling.calendar import SendTime, Timetable, timetable


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says over everything else; None where a flag was not given."""

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
    """What one report is like. `organization` is a name or an id, None where it holds for any.

    `timezone_given` and `currency_given_by` say whether the value was chosen or fell to its default. Mail goes to no
    other domains than `allowed_domains`; None allows any. With a `pdf_password` the PDF in the mail opens with
    that alone.
    """

    organization: str | None
    recipients: tuple[str, ...]
    period: Period
    timezone: str
    timezone_given: bool
    locale: str
    currency: str | None
    currency_given_by: CurrencySource | None
    week_start: WeekStart
    template: str
    paper: Paper
    figures: tuple[str, ...]
    sections: tuple[Section, ...]
    targets: Mapping[str, Decimal] = field(default_factory=dict)
    brand: Brand = field(default_factory=Brand)
    allowed_domains: tuple[str, ...] | None = None
    send_at: SendTime = field(default_factory=SendTime)
    pdf_password: SecretStr | None = None

    @property
    def timetable(self) -> Timetable:
        """When the report is due by the clock of its zone."""
        return timetable(self.send_at, self.period, self.timezone, self.week_start)


@dataclass(frozen=True, slots=True)
class Operators:
    """Who learns of trouble: mailboxes, services, and what is called when a run starts and ends."""

    recipients: tuple[str, ...] = ()
    services: tuple[SecretStr, ...] = ()
    heartbeat: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a run needs beside the clock. `smtp` is None without a host: mails then stay in the archive.

    `defaults` is what a report is like that the file does not name; `reports` are those it does. `ledger` is the
    address of a ledger on a server; None is a file in the archive.
    """

    api: ApiSettings
    key: SecretStr | None
    smtp: SmtpSettings | None
    ops: Operators
    output: Path
    defaults: ReportConfig
    reports: tuple[ReportConfig, ...]
    ledger: str | None = field(default=None, repr=False)
