"""The schema of the configuration, used for validation, for the reference, and for the file that `init` writes.

Every key is optional. To add one, add it here, and its field to `settings`; the reference and the `init` file follow.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reporter.analysis.metric import Metric, Unit
from reporter.analysis.metrics import FIGURES, METRICS
from reporter.config.kinds import Key, ListOf, Table, ValueKind, choice, number
from reporter.config.secrets import PDF_PASSWORD
from reporter.config.smtp_schema import GOOGLE, MICROSOFT, SMTP
from reporter.config.values import (
    ADDRESS,
    COLOR,
    CURRENCY,
    DOMAIN,
    FOLDER,
    LOCALE,
    LOGO,
    ORGANIZATION,
    SEND_TIME,
    TEMPLATE,
    TEXT,
    TIME_ZONE,
    URL,
)
from reporter.domain.report import Paper, Section
from reporter.domain.window import Period, WeekStart

Place = tuple[str | int, ...]
"""Path of a value in the file, such as `("reports", 2, "locale")`."""


def _target(metric: Metric) -> Key:
    is_rate = metric.unit is Unit.RATE
    unit = {Unit.RATE: "as a share: 0.8 is 80 %", Unit.DURATION: "in seconds"}.get(metric.unit, "per period")
    example = {Unit.RATE: "0.8", Unit.DURATION: "1800"}.get(metric.unit, "100")
    limits = number("0.0001", "1" if is_rate else "1000000000")
    return Key(f"The target for {metric.key.replace('_', ' ')}, {unit}.", limits, example)


def _pdf_password_variable(value: Any, _folder: Path) -> str:
    """The name of a variable, not of its file's; an invalid value may be a password, so it is not shown."""
    if not isinstance(value, str) or not re.fullmatch(rf"{PDF_PASSWORD}(?!.*_FILE$)(_[A-Z0-9]+)*", value):
        raise ValueError(f"is no name like {PDF_PASSWORD}_ACME; that variable, or a file, holds the password itself")
    return value


REPORT_KEYS: Mapping[str, Key | Table] = {
    "period": Key(
        "The last complete period to report on.",
        choice([period for period in Period if period is not Period.CUSTOM]),
        '"month"',
        "`week`",
    ),
    "timezone": Key("The IANA time zone in which days begin and end.", TIME_ZONE, '"America/New_York"', "`UTC`"),
    "locale": Key("The language and formats of the report.", LOCALE, '"en_US"', "`en_US`"),
    "currency": Key("The currency of sales values.", CURRENCY, '"USD"', "that of the sales records, if they agree"),
    "week_start": Key("The first day of a week.", choice(tuple(WeekStart)), '"monday"', "by the locale's territory"),
    "send_at": Key(
        "When `due` sends the report, in its time zone: with a weekday for a week, with a day of the month for a "
        "month, quarter, or year.",
        SEND_TIME,
        '"07:00"',
        "`07:00` on the first day after the period",
    ),
    "template": Key("The template: its name, or the path of its folder.", TEMPLATE, '"executive"', "`executive`"),
    "paper": Key("The paper size.", choice(tuple(Paper)), '"A4"', "by the locale's territory"),
    "recipients": Key(
        "Who gets the report, in one email each. Without recipients, it is only archived.",
        ListOf(ADDRESS),
        '["Ada Smith <ada@example.com>"]',
    ),
    "allowed_domains": Key(
        "The only domains to which emails of this organization may be sent; an empty list allows none.",
        ListOf(DOMAIN),
        '["example.com"]',
        "any",
    ),
    "pdf_password_env": Key(
        "The variable with the password of the PDF in the email; the archived PDF has none.",
        ValueKind(f"`{PDF_PASSWORD}_` and a name", _pdf_password_variable),
        '"HYPERREP_PDF_PASSWORD_ACME"',
    ),
    "figures": Key(
        "The figures on page 1, in order.",
        ListOf(choice(FIGURES), needs_items=True),
        '["response_rate", "conversations"]',
        "all",
    ),
    "sections": Key(
        "The optional sections of page 2; an empty list leaves them out.",
        ListOf(choice(tuple(Section))),
        '["channels", "pipeline"]',
        "all",
    ),
    "targets": Table(
        "Targets by metric. Each is shown beside its figure, with whether it is met.",
        {name: _target(metric) for name, metric in METRICS.items()},
        "{ response_rate = 0.8, response_time = 1800 }",
    ),
    "brand": Table(
        "The branding of reports.",
        {
            "name": Key("The name at the top of the report.", TEXT, '"Acme"'),
            "logo": Key("A PNG or SVG file smaller than 200 kB, relative to this file.", LOGO, '"acme.svg"'),
            "color": Key("The accent color.", COLOR, '"#0b5fff"', "`#1f4fd8`"),
            "footer": Key("A line at the bottom of every page.", TEXT, '"Confidential"'),
        },
        '{ name = "Acme", color = "#0b5fff" }',
    ),
}
"""The keys of a report, at the top of the file or in its own block."""

_API = Table(
    "The connection to the API. Its key is a secret, which is never in this file.",
    {
        "url": Key("The API's address.", URL, '"https://api.hyperrep.ai"', "`https://api.hyperrep.ai`"),
        "timeout": Key("Seconds to wait for one response.", number("1", "600", of=float), "30", "`30`"),
        "budget": Key(
            "Seconds after which a request fails, including its retries.", number("1", "3600", of=float), "120", "`120`"
        ),
        "concurrency": Key("The most requests at the same time.", number("1", "64", of=int), "8", "`8`"),
    },
)

CONFIGURATION = Table(
    "These keys apply to every report that does not override them.",
    {
        **REPORT_KEYS,
        "output": Key("The archive's folder, relative to this file.", FOLDER, '"reports"', "`./reports`"),
        "api": _API,
        "smtp": SMTP,
        "ops": Table(
            "Operator alerts.",
            {
                "recipients": Key(
                    "Who gets an email if a report could not be sent. Services and the heartbeat are secrets, below.",
                    ListOf(ADDRESS),
                    '["ops@example.com"]',
                )
            },
        ),
        "reports": Table(
            "One report of one organization, with any key that differs from the top of the file.",
            {
                **REPORT_KEYS,
                "organization": Key(
                    "The report's organization, by its name or its organization_id. Required in each block.",
                    ORGANIZATION,
                    '"Acme Roofing"',
                ),
            },
            is_list=True,
        ),
    },
)
"""The whole file."""


ENVIRONMENT = {
    (*table, name): "_".join(("HYPERREP", *table, name)).upper()
    for table, names in (
        (("api",), ("url",)),
        (("smtp",), ("host", "port", "security", "from", "username", "ca_file")),
        (("smtp", "microsoft"), tuple(MICROSOFT.keys)),
        (("smtp", "google"), tuple(GOOGLE.keys)),
    )
    for name in names
}
"""The environment variable of each key that has one, by the key's path."""

FLAGS = {
    "period": "--period",
    "timezone": "--timezone",
    "locale": "--locale",
    "currency": "--currency",
    "week_start": "--week-start",
    "template": "--template",
    "recipients": "--to",
    "output": "--output",
}
"""The option of each key that has one."""


def entries(table: Table = CONFIGURATION, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Key | Table]]:
    """Every key and table in a table and in the tables below it, with its path, parents before children."""
    for name, entry in table.keys.items():
        yield (*at, name), entry
        if isinstance(entry, Table):
            yield from entries(entry, (*at, name))
