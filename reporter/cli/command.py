"""`hyperrep-report`: the options of a run, and the list of subcommands."""

from datetime import date, datetime
from typing import Any

import click
from click.core import ParameterSource

from reporter import __version__
from reporter.cli.lazy import LazyGroup

SUMMARIES = {
    "init": "Write a commented configuration file with the organizations from the API.",
    "doctor": "Check everything a run needs and show how to fix problems.",
    "preview": "Show report, email, and data in a browser, updated whenever a template changes.",
    "template": "Create your own template, and check it.",
    "due": "Send the reports that are due by their own schedules; run it every few minutes.",
    "status": "Show which reports should have been sent by now, and which have been.",
    "schedule": "Print a ready-to-use crontab line, systemd timer, CI workflow, or Kubernetes job.",
    "history": "List emails with their recipients and delivery states.",
    "resolve": "Resolve emails whose delivery is uncertain.",
    "export": "Write the figures of archived reports as a table, a workbook, or JSON.",
    "verify": "Verify that an archive is unchanged.",
    "sandbox": "Serve the HyperRep API with fictional organizations.",
}

EXIT_CODES = {
    0: "delivered, or nothing was due",
    1: "a report failed, but the others went out",
    2: "usage or configuration error, nothing was attempted",
    3: "the API rejected the key or cannot be reached",
    4: "delivery of an email is uncertain and must be resolved",
    75: "something is deferred, run again later",
    130: "interrupted",
}
"""Meanings of the exit codes; if several apply, 4 takes precedence over 1, and 1 over 75."""

PERIODS = ("day", "week", "month", "quarter", "year")
WEEK_STARTS = ("monday", "sunday", "saturday")


class LocalDate(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse the date; anything else is a usage error."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a local date has no zone
        except ValueError:
            self.fail(f"'{value}' is not a date; write it as YYYY-MM-DD, e.g. 2026-04-27.", param, ctx)


def completions(kind: str) -> Any:
    """Shell completion of time zones, locales, currencies, or templates; lists are loaded only when requested."""

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        from reporter.cli.completion import choices  # noqa: PLC0415 - only for shell completion

        return [choice for choice in choices(kind) if choice.lower().startswith(incomplete.lower())]

    return complete


@click.group(
    cls=LazyGroup,
    summaries=SUMMARIES,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Environment variables: HYPERREP_API_KEY (or HYPERREP_API_KEY_FILE), HYPERREP_SMTP_HOST, and others; see "
    "the configuration reference. "
    f"Exit codes: {'; '.join(f'{code} {meaning}' for code, meaning in EXIT_CODES.items())}.",
)
@click.option(
    "--period", type=click.Choice(PERIODS), help="Use the last complete period before today.  [default: week]"
)
@click.option("--as-of", type=LocalDate(), metavar="DATE", help="Use DATE as today, to render any past report again.")
@click.option("--from", "first", type=LocalDate(), metavar="DATE", help="First date of a custom window (local time).")
@click.option("--until", type=LocalDate(), metavar="DATE", help="Date after the last date of the custom window.")
@click.option("--org", "names", multiple=True, metavar="ID_OR_NAME", help="Organization to report on (repeatable).")
@click.option("--all-orgs", is_flag=True, help="Report on every organization of the key.")
@click.option(
    "--timezone", metavar="ZONE", shell_complete=completions("timezone"), help="Time zone, e.g. America/New_York."
)
@click.option(
    "--locale", metavar="LOCALE", shell_complete=completions("locale"), help="Locale, e.g. en_US, de_DE, fr_FR."
)
@click.option(
    "--currency", metavar="CODE", shell_complete=completions("currency"), help="Currency (ISO 4217), e.g. USD."
)
@click.option(
    "--week-start",
    type=click.Choice(WEEK_STARTS),
    help="First day of the week.  [default: that of the locale's territory]",
)
@click.option(
    "--to",
    "recipients",
    multiple=True,
    metavar="ADDRESS",
    help="Recipient, instead of the configured ones (repeatable).",
)
@click.option("--allow-partial", is_flag=True, help='Allow a period that has not ended yet, labeled "so far".')
@click.option("--no-email", is_flag=True, help="Render and archive, but send no email.")
@click.option("--output", metavar="DIR", type=click.Path(), help="Archive folder.  [default: ./reports]")
@click.option(
    "--template",
    metavar="NAME_OR_DIR",
    shell_complete=completions("template"),
    help="Report template.  [default: executive]",
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(),
    help="Configuration file.  [default: ./hyperrep-report.toml if it exists]",
)
@click.option("--demo", is_flag=True, help="Use the built-in sandbox: no key, no network, and no email is sent.")
@click.option("--dry-run", is_flag=True, help="Do everything except send email.")
@click.option("--force", metavar="REASON", help="Send reports again, as a new revision that states REASON.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document about the run on stdout, and nothing else."
)
@click.option("-v", "--verbose", count=True, help="Log more to stderr (-vv: everything).")
@click.option("-q", "--quiet", is_flag=True, help="Show only errors.")
@click.option(
    "--log-format",
    type=click.Choice(("text", "json")),
    default="text",
    help="Format of the logs on stderr.  [default: text]",
)
@click.version_option(__version__, prog_name="hyperrep-report")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> int | None:
    """Render, archive, and email reports on conversations and sales from the HyperRep API.

    Without a subcommand, report on the last complete period, compared with the previous one. Options override the
    environment and the configuration file.

    \b
    Try a demo report, without a key:    hyperrep-report --demo
    Set up:                              hyperrep-report init && hyperrep-report doctor
    Last month, archived and emailed:    hyperrep-report --period month --to ceo@acme.example
    """  # noqa: D301 - click wants the character, not its escape
    if context.invoked_subcommand is not None:
        _refuse_options_before(context)
        return None
    from reporter.cli.run_reports import ReportOptions, make  # noqa: PLC0415 - a run's libraries, only for a run

    return make(ReportOptions(**options))


def shared(*names: str) -> list[click.Parameter]:
    """Options of the main command that a subcommand also accepts, unchanged."""
    return [parameter for parameter in main.params if parameter.name in names]


def _refuse_options_before(context: click.Context) -> None:
    """Reject options before a subcommand, which would be lost; its own options go after it."""
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        subcommand = context.invoked_subcommand
        raise click.UsageError(f"{given[0]} stands before '{subcommand}': write `{context.info_name} {subcommand} …`.")
