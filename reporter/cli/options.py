"""Options that several commands share, each declared once, and the types and completions of option values."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click

from reporter.domain.window import Period

Command = TypeVar("Command", bound=Callable[..., Any] | click.Command)

PERIODS = tuple(period.value for period in Period if period is not Period.CUSTOM)


def local_date(text: str) -> date:
    """Parse a date; anything but YYYY-MM-DD is a usage error."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a local date has no zone
    except ValueError:
        raise click.BadParameter(f"'{text}' is not a date; write it as YYYY-MM-DD, e.g. 2026-04-27.") from None


def completions(kind: str) -> Any:
    """Shell completion of time zones, locales, currencies, or templates; lists are loaded only when requested."""

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        return [choice for choice in _choices(kind) if choice.lower().startswith(incomplete.lower())]

    return complete


def _choices(kind: str) -> list[str]:
    from pathlib import Path

    from babel import Locale
    from babel.localedata import locale_identifiers

    from reporter.config.values import time_zones
    from reporter.rendering.templates import names
    from reporter.rendering.translation import choose, languages

    match kind:
        case "timezone":
            return sorted(time_zones())
        case "locale":
            return sorted(name for name in locale_identifiers() if choose(Locale.parse(name), languages()))
        case "currency":
            return sorted(Locale("en").currencies)
        case _:
            return names(Path())


period = click.option(
    "--period", type=click.Choice(PERIODS), help="Use the last complete period before today.  [default: week]"
)
timezone = click.option(
    "--timezone", metavar="ZONE", shell_complete=completions("timezone"), help="Time zone, e.g. America/New_York."
)
locale = click.option(
    "--locale", metavar="LOCALE", shell_complete=completions("locale"), help="Locale, e.g. en_US, de_DE, fr_FR."
)
currency = click.option(
    "--currency", metavar="CODE", shell_complete=completions("currency"), help="Currency (ISO 4217), e.g. USD."
)
template = click.option(
    "--template",
    metavar="NAME_OR_DIR",
    shell_complete=completions("template"),
    help="Report template.  [default: executive]",
)
output = click.option("--output", metavar="DIR", type=click.Path(), help="Archive folder.  [default: ./reports]")
dry_run = click.option("--dry-run", is_flag=True, help="Do everything except send email.")
run_as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document about the run on stdout, and nothing else."
)
verbose = click.option("-v", "--verbose", count=True, help="Log more to stderr (-vv: everything).")
quiet = click.option("-q", "--quiet", is_flag=True, help="Show only errors.")
log_format = click.option(
    "--log-format",
    type=click.Choice(("text", "json")),
    default="text",
    help="Format of the logs on stderr.  [default: text]",
)

archived_period = click.option(
    "--period", type=click.Choice((*PERIODS, "custom")), help="Only reports for this period."
)
archived_label = click.option(
    "--label", metavar="LABEL", help="Only this window, by its folder name in the archive, e.g. 2026-04."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON document.")


def config(
    help_text: str = "Configuration file.  [default: ./hyperrep-report.toml if it exists]",
) -> Callable[[Command], Command]:
    """The option that names the configuration file."""
    return click.option("--config", metavar="FILE", type=click.Path(), help=help_text)


def port(default: int) -> Callable[[Command], Command]:
    """The option of the port to serve on."""
    return click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=default,
        show_default=True,
        help="Port to listen on; 0 picks a free one.",
    )
