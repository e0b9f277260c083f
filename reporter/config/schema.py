"""The schema of the configuration, used for validation, for the reference, and for the file that `init` writes.

Every key is optional. The models define which keys exist and are valid; `load` defines the precedence of layers.
To add a key, add it here or in `smtp_schema`, and add its field to `settings`; the reference and the `init` file
follow.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import Field, create_model

from reporter.analysis.metric import Metric, Unit
from reporter.analysis.metrics import FIGURES, METRICS
from reporter.config.kinds import ValueKind, choice, number
from reporter.config.named_files import FOLDER, LOGO, Logo
from reporter.config.smtp_schema import SmtpKeys
from reporter.config.toml_tables import Key, Keys, key, table_of
from reporter.config.values import (
    ADDRESS,
    COLOR,
    CURRENCY,
    DOMAIN,
    LOCALE,
    ORGANIZATION,
    PDF_PASSWORD_VARIABLE,
    SEND_TIME,
    TEMPLATE,
    TEXT,
    TIME_ZONE,
    URL,
)
from reporter.domain.report import Paper, Section
from reporter.domain.window import Period, WeekStart
from reporter.scheduling.calendar import SendTime


def _target(metric: Metric) -> Any:
    limits = number("0.0001", "1") if metric.unit is Unit.RATE else number("0.0001", "1000000000")
    unit = {Unit.RATE: "a share, 0.8 is 80 %", Unit.DURATION: "in seconds"}.get(metric.unit, "per period")
    example = {Unit.RATE: "0.8", Unit.DURATION: "1800"}.get(metric.unit, "100")
    return Annotated[Decimal, limits], key(f"What {metric.key.replace('_', ' ')} should reach, {unit}.", example)


Targets = create_model(
    "Targets",
    __base__=Keys,
    __doc__="Targets, printed beside the figure with whether they are met.",
    **{key: _target(metric) for key, metric in METRICS.items()},
)


class BrandKeys(Keys):
    """How reports are dressed."""

    name: Annotated[str, TEXT] = key("The name at the head of the report.", '"Acme"')
    logo: Annotated[Logo, LOGO] = key("A PNG or SVG file below 200 kB, relative to this file.", '"acme.svg"')
    color: Annotated[str, COLOR] = key("The accent colour.", '"#0b5fff"', default="`#1f4fd8`")
    footer: Annotated[str, TEXT] = key("A line at the foot of every page.", '"Confidential"')


class ReportKeys(Keys):
    """What a report is like, at the top of the file or in its own block."""

    period: Annotated[Period, choice([period for period in Period if period is not Period.CUSTOM])] = key(
        "The last complete period to report on.", '"month"', default="`week`", flag="--period"
    )
    timezone: Annotated[str, TIME_ZONE] = key(
        "Where days begin and end: an IANA zone.", '"America/New_York"', default="`UTC`", flag="--timezone"
    )
    locale: Annotated[str, LOCALE] = key(
        "Language and formats of the report.", '"en_US"', default="`en_US`", flag="--locale"
    )
    currency: Annotated[str, CURRENCY] = key(
        "The currency of sales values.", '"USD"', default="that of the sales records, if they agree", flag="--currency"
    )
    week_start: Annotated[WeekStart, choice(WeekStart)] = key(
        "The first day of a week.", '"monday"', default="by the locale's territory", flag="--week-start"
    )
    send_at: Annotated[SendTime, SEND_TIME] = key(
        "When `due` sends it, by the clock of its time zone: with a weekday for a week, with a day of the month for a "
        "month, quarter or year.",
        '"07:00"',
        default="`07:00` on the first day after the window",
    )
    template: Annotated[str, TEMPLATE] = key(
        "The look: a name, or the path of a folder.",
        '"executive"',
        default="`executive`",
        flag="--template",
    )
    paper: Annotated[Paper, choice(Paper)] = key("The sheet.", '"A4"', default="by the locale's territory")
    recipients: tuple[Annotated[str, ADDRESS], ...] = key(
        "Who gets the report, one mail each; nobody: it is only archived.",
        '["Ada Smith <ada@example.com>"]',
        default="nobody",
        flag="--to",
    )
    allowed_domains: tuple[Annotated[str, DOMAIN], ...] = key(
        "The only domains that mail of this organization may go to; an empty list allows none.",
        '["example.com"]',
        default="any",
    )
    pdf_password_env: Annotated[str, PDF_PASSWORD_VARIABLE] = key(
        "The variable with the password that the PDF in the mail opens with; the archive's opens without.",
        '"HYPERREP_PDF_PASSWORD_ACME"',
    )
    figures: Annotated[tuple[Annotated[str, choice(FIGURES)], ...], Field(min_length=1)] = key(
        "The figures of page 1, in order.", '["response_rate", "conversations"]', default="all"
    )
    sections: tuple[Annotated[Section, choice(Section)], ...] = key(
        "The optional sections of page 2; an empty list leaves them out.", '["channels", "pipeline"]', default="all"
    )
    targets: Targets = key("Targets by metric.", "{ response_rate = 0.8, response_time = 1800 }")
    brand: BrandKeys = key("How the reports are dressed.", '{ name = "Acme", color = "#0b5fff" }')


class OrganizationKeys(ReportKeys):
    """One report of one organization, with any key that differs from the top of the file."""

    organization: Annotated[str, ORGANIZATION] = key(
        "Whose report it is: a name, or an organization_id. Required in each block.", '"Acme Roofing"'
    )


class ApiKeys(Keys):
    """How the API is reached. Its key never stands here."""

    url: Annotated[str, URL] = key(
        "The API's address.",
        '"https://api.hyperrep.ai"',
        default="`https://api.hyperrep.ai`",
        environment="HYPERREP_API_URL",
    )
    timeout: Annotated[Decimal, number("1", "600")] = key("Seconds to wait for one answer.", "30", default="`30`")
    budget: Annotated[Decimal, number("1", "3600")] = key(
        "Seconds after which one request is given up, retries included.", "120", default="`120`"
    )
    concurrency: Annotated[int, number("1", "64", whole=True)] = key(
        "The most requests under way at once.", "8", default="`8`"
    )


class OpsKeys(Keys):
    """Who learns of trouble."""

    recipients: tuple[Annotated[str, ADDRESS], ...] = key(
        "Who is told by mail when something did not go out. Services and the heartbeat are secrets, below.",
        '["ops@example.com"]',
        default="nobody",
    )


class FileKeys(ReportKeys):
    """What stands here holds for every report that does not say otherwise."""

    output: Annotated[Path, FOLDER] = key(
        "The archive's folder, relative to this file.", '"reports"', default="`./reports`", flag="--output"
    )
    api: ApiKeys = key("The API.", "{}")
    smtp: SmtpKeys = key("The mail server.", "{}")
    ops: OpsKeys = key("Operators.", "{}")
    reports: tuple[OrganizationKeys, ...] = key("The reports.", "[]")


def keys(model: type[Keys] = FileKeys, at: tuple[str, ...] = ()) -> Iterator[Key]:
    """Every key of a table and of the tables below it, parents before children."""
    for name, field in model.model_fields.items():
        here = (*at, field.alias or name)
        metadata = [*field.metadata, *(part for item in get_args(field.annotation) for part in get_args(item))]
        kind = next((part for part in metadata if isinstance(part, ValueKind)), None)
        yield Key(here, field, kind, is_list=bool(get_args(field.annotation)))
        if below := table_of(field):
            yield from keys(below, here)
