"""The one schema of the configuration: what is validated, what the reference lists, and what `init` writes as comments.

Every key is optional. A model says which keys are given and valid; which of several layers wins is said in `load`.
To add a key, add its line here and its place in `settings`; the reference and the `init` file follow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from reporter.analysis.metrics import FIGURES, METRICS, Metric, Unit
from reporter.config.files import CERTIFICATES, CLIENT_CERTIFICATE, FOLDER, LOGO, SERVICE_ACCOUNT, Logo
from reporter.config.kinds import Kind, choice, number
from reporter.config.values import (
    ADDRESS,
    COLOR,
    COMMAND,
    CURRENCY,
    DOMAIN,
    HOST,
    LOCALE,
    ORGANIZATION,
    SEND_TIME,
    TEMPLATE,
    TENANT,
    TEXT,
    TIME_ZONE,
    TOKEN_URL,
    URL,
)
from reporter.delivery.smtp_settings import ClientCertificate, GoogleServiceAccount, Security
from reporter.report import Paper, Section
from reporter.timetable import SendTime
from reporter.window import Period, WeekStart

MICROSOFT_SCOPE = "https://outlook.office365.com/.default"


def _key(
    meaning: str,
    example: str,
    *,
    default: str = "",
    environment: str | None = None,
    flag: str | None = None,
    alias: str | None = None,
) -> Any:
    """One key: its meaning, an example as TOML, its default in words, and where else it can be given."""
    sources: JsonDict = {"default": default, "environment": environment, "flag": flag}
    return Field(default=None, alias=alias, description=meaning, examples=[example], json_schema_extra=sources)


class Keys(BaseModel):
    """A table of the file; a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _target(metric: Metric) -> Any:
    limits = number("0.0001", "1") if metric.unit is Unit.RATE else number("0.0001", "1000000000")
    unit = {Unit.RATE: "a share, 0.8 is 80 %", Unit.DURATION: "in seconds"}.get(metric.unit, "per period")
    example = {Unit.RATE: "0.8", Unit.DURATION: "1800"}.get(metric.unit, "100")
    return Annotated[Decimal, limits], _key(f"What {metric.key.replace('_', ' ')} should reach, {unit}.", example)


Targets = create_model(
    "Targets",
    __base__=Keys,
    __doc__="Targets, printed beside the figure with whether they are met.",
    **{key: _target(metric) for key, metric in METRICS.items()},
)


class BrandKeys(Keys):
    """How reports are dressed."""

    name: Annotated[str, TEXT] = _key("The name at the head of the report.", '"Acme"')
    logo: Annotated[Logo, LOGO] = _key("A PNG or SVG file below 200 kB, relative to this file.", '"acme.svg"')
    color: Annotated[str, COLOR] = _key("The accent colour.", '"#0b5fff"', default="`#1f4fd8`")
    footer: Annotated[str, TEXT] = _key("A line at the foot of every page.", '"Confidential"')


class ReportKeys(Keys):
    """What a report is like, at the top of the file or in its own block."""

    period: Annotated[Period, choice([period for period in Period if period is not Period.CUSTOM])] = _key(
        "The last complete period to report on.", '"month"', default="`week`", flag="--period"
    )
    timezone: Annotated[str, TIME_ZONE] = _key(
        "Where days begin and end: an IANA zone.", '"America/New_York"', default="`UTC`", flag="--timezone"
    )
    locale: Annotated[str, LOCALE] = _key(
        "Language and formats of the report.", '"en_US"', default="`en_US`", flag="--locale"
    )
    currency: Annotated[str, CURRENCY] = _key(
        "The currency of sales values.", '"USD"', default="that of the sales records, if they agree", flag="--currency"
    )
    week_start: Annotated[WeekStart, choice(WeekStart)] = _key(
        "The first day of a week.", '"monday"', default="by the locale's territory", flag="--week-start"
    )
    send_at: Annotated[SendTime, SEND_TIME] = _key(
        "When `due` sends it, by the clock of its time zone: with a weekday for a week, with a day of the month for a "
        "month, quarter or year.",
        '"07:00"',
        default="`07:00` on the first day after the window",
    )
    template: Annotated[str, TEMPLATE] = _key(
        "The look: a name, or the path of a folder.",
        '"executive"',
        default="`executive`",
        flag="--template",
    )
    paper: Annotated[Paper, choice(Paper)] = _key("The sheet.", '"A4"', default="by the locale's territory")
    recipients: tuple[Annotated[str, ADDRESS], ...] = _key(
        "Who gets the report, one mail each; nobody: it is only archived.",
        '["Ada Smith <ada@example.com>"]',
        default="nobody",
        flag="--to",
    )
    allowed_domains: tuple[Annotated[str, DOMAIN], ...] = _key(
        "The only domains that mail of this organization may go to; an empty list allows none.",
        '["example.com"]',
        default="any",
    )
    figures: Annotated[tuple[Annotated[str, choice(FIGURES)], ...], Field(min_length=1)] = _key(
        "The figures of page 1, in order.", '["response_rate", "conversations"]', default="all"
    )
    sections: tuple[Annotated[Section, choice(Section)], ...] = _key(
        "The optional sections of page 2; an empty list leaves them out.", '["channels", "pipeline"]', default="all"
    )
    targets: Targets = _key("Targets by metric.", "{ response_rate = 0.8, response_time = 1800 }")
    brand: BrandKeys = _key("How the reports are dressed.", '{ name = "Acme", color = "#0b5fff" }')


class OrganizationKeys(ReportKeys):
    """One report of one organization, with any key that differs from the top of the file."""

    organization: Annotated[str, ORGANIZATION] = _key(
        "Whose report it is: a name, or an organization_id. Required in each block.", '"Acme Roofing"'
    )


class ApiKeys(Keys):
    """How the API is reached. Its key never stands here."""

    url: Annotated[str, URL] = _key(
        "The API's address.",
        '"https://api.hyperrep.ai"',
        default="`https://api.hyperrep.ai`",
        environment="HYPERREP_API_URL",
    )
    timeout: Annotated[Decimal, number("1", "600")] = _key("Seconds to wait for one answer.", "30", default="`30`")
    budget: Annotated[Decimal, number("1", "3600")] = _key(
        "Seconds after which one request is given up, retries included.", "120", default="`120`"
    )
    concurrency: Annotated[int, number("1", "64", whole=True)] = _key(
        "The most requests under way at once.", "8", default="`8`"
    )


class MicrosoftKeys(Keys):
    """A login to Microsoft 365 as an application, whose secret is in the environment."""

    tenant: Annotated[str, TENANT] = _key(
        "The tenant's id or domain. Required, unless `token_url` is given.",
        '"example.onmicrosoft.com"',
        environment="HYPERREP_SMTP_MICROSOFT_TENANT",
    )
    client_id: Annotated[str, TEXT] = _key(
        "The application's client id. Required.",
        '"11111111-2222-3333-4444-555555555555"',
        environment="HYPERREP_SMTP_MICROSOFT_CLIENT_ID",
    )
    certificate_file: Annotated[ClientCertificate, CLIENT_CERTIFICATE] = _key(
        "A certificate of the application with its private key, instead of a secret, relative to this file.",
        '"application.pem"',
        environment="HYPERREP_SMTP_MICROSOFT_CERTIFICATE_FILE",
    )
    token_url: Annotated[str, TOKEN_URL] = _key(
        "Where tokens come from in a national cloud.",
        '"https://login.microsoftonline.us/example.onmicrosoft.us/oauth2/v2.0/token"',
        default="the tenant's in the global cloud",
        environment="HYPERREP_SMTP_MICROSOFT_TOKEN_URL",
    )
    scope: Annotated[str, TEXT] = _key(
        "What the token is for, in a national cloud.",
        '"https://outlook.office365.us/.default"',
        default=f"`{MICROSOFT_SCOPE}`",
        environment="HYPERREP_SMTP_MICROSOFT_SCOPE",
    )


class GoogleKeys(Keys):
    """A login to Google Workspace as a service account that stands in for the mailbox."""

    key_file: Annotated[GoogleServiceAccount, SERVICE_ACCOUNT] = _key(
        "The service account's key as Google gives it, relative to this file. Required.",
        '"service-account.json"',
        environment="HYPERREP_SMTP_GOOGLE_KEY_FILE",
    )
    token_url: Annotated[str, TOKEN_URL] = _key(
        "Where tokens come from.",
        '"https://oauth2.googleapis.com/token"',
        default="what the key file says",
        environment="HYPERREP_SMTP_GOOGLE_TOKEN_URL",
    )


class SmtpKeys(Keys):
    """The mail server. Without a host, mails are written into the archive and sent by nobody."""

    host: Annotated[str, HOST] = _key("The server's name.", '"smtp.example.com"', environment="HYPERREP_SMTP_HOST")
    port: Annotated[int, number("1", "65535", whole=True)] = _key(
        "The server's port.",
        "587",
        default="`587` for starttls, `465` for tls, `25` for none",
        environment="HYPERREP_SMTP_PORT",
    )
    security: Annotated[Security, choice(Security)] = _key(
        "How the connection is protected.", '"starttls"', default="`starttls`", environment="HYPERREP_SMTP_SECURITY"
    )
    sender: Annotated[str, ADDRESS] = _key(
        "Who the mails come from. Required with a host.",
        '"Reports <reports@example.com>"',
        environment="HYPERREP_SMTP_FROM",
        alias="from",
    )
    reply_to: Annotated[str, ADDRESS] = _key("Where answers go.", '"ada@example.com"', default="the sender")
    username: Annotated[str, TEXT] = _key(
        "The account, if the server asks for one; its password is in the environment. With tokens, the mailbox.",
        '"reports"',
        default="with tokens, the sender's address",
        environment="HYPERREP_SMTP_USERNAME",
    )
    ca_file: Annotated[Path, CERTIFICATES] = _key(
        "Certificate authorities to trust, relative to this file.",
        '"authorities.pem"',
        default="the system's",
        environment="HYPERREP_SMTP_CA_FILE",
    )
    timeout: Annotated[Decimal, number("1", "600")] = _key("Seconds to wait for one reply.", "300", default="`300`")
    connections: Annotated[int, number("1", "20", whole=True)] = _key(
        "The most connections at once; Microsoft 365 allows 3.", "3", default="`1`"
    )
    messages_per_minute: Annotated[int, number("1", "100000", whole=True)] = _key(
        "The most mails in a minute, over all connections; Microsoft 365 allows 30.", "30", default="no limit"
    )
    messages_per_connection: Annotated[int, number("1", "10000", whole=True)] = _key(
        "The mails after which a connection is replaced.", "100", default="`100`"
    )
    token_command: Annotated[tuple[str, ...], COMMAND] = _key(
        "A command that prints a token to log in with. No shell reads it, and no secret belongs into it.",
        '["vault", "read", "-field=access_token", "oauth/reports"]',
    )
    microsoft: MicrosoftKeys = _key(
        "A login to Microsoft 365.", '{ tenant = "example.onmicrosoft.com", client_id = "11111111-2222" }'
    )
    google: GoogleKeys = _key("A login to Google Workspace.", '{ key_file = "service-account.json" }')


class OpsKeys(Keys):
    """Who learns of trouble."""

    recipients: tuple[Annotated[str, ADDRESS], ...] = _key(
        "Who is told by mail when something did not go out. Services and the heartbeat are secrets, below.",
        '["ops@example.com"]',
        default="nobody",
    )


class FileKeys(ReportKeys):
    """What stands here holds for every report that does not say otherwise."""

    output: Annotated[Path, FOLDER] = _key(
        "The archive's folder, relative to this file.", '"reports"', default="`./reports`", flag="--output"
    )
    api: ApiKeys = _key("The API.", "{}")
    smtp: SmtpKeys = _key("The mail server.", "{}")
    ops: OpsKeys = _key("Operators.", "{}")
    reports: tuple[OrganizationKeys, ...] = _key("The reports.", "[]")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the schema as its readers want it."""

    path: tuple[str, ...]
    field: FieldInfo
    kind: Kind | None
    is_list: bool

    @property
    def name(self) -> str:
        """The key as it is written in its table."""
        return self.path[-1]

    @property
    def example(self) -> str:
        """A value it may have, as TOML."""
        return str((self.field.examples or [""])[0])

    def source(self, of: str) -> str | None:
        """Its `default` in words, its `environment` variable or its `flag`."""
        sources = self.field.json_schema_extra
        return str(sources[of]) if isinstance(sources, dict) and sources.get(of) else None


def table_of(field: FieldInfo) -> type[Keys] | None:
    """The model of the table, or of the list of tables, that stands at a key; None for a plain value."""
    found = (field.annotation, *get_args(field.annotation))
    return next((model for model in found if isinstance(model, type) and issubclass(model, Keys)), None)


def keys(model: type[Keys] = FileKeys, at: tuple[str, ...] = ()) -> Iterator[Key]:
    """Every key of a table and of the tables below it, parents before children."""
    for name, field in model.model_fields.items():
        here = (*at, field.alias or name)
        metadata = [*field.metadata, *(part for item in get_args(field.annotation) for part in get_args(item))]
        kind = next((part for part in metadata if isinstance(part, Kind)), None)
        yield Key(here, field, kind, is_list=bool(get_args(field.annotation)))
        if below := table_of(field):
            yield from keys(below, here)
