"""`hyperrep-report`: the options of a run, and the list of subcommands."""

from importlib import import_module
from typing import Any

import click
from click.core import ParameterSource

from reporter import __version__
from reporter.cli import options

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


class LazyGroup(click.Group):
    """A group that imports a command, `reporter.cli.<name>.command`, only to run it or to print its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """The command names, in the order of the help."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import the command."""
        if cmd_name not in SUMMARIES:
            return None
        command: click.Command = import_module(f"reporter.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the list of commands from the summaries, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Environment variables: HYPERREP_API_KEY (or HYPERREP_API_KEY_FILE), HYPERREP_SMTP_HOST, and others; see "
    "the configuration reference. "
    f"Exit codes: {'; '.join(f'{code} {meaning}' for code, meaning in EXIT_CODES.items())}.",
)
@options.period
@click.option(
    "--as-of", type=options.local_date, metavar="DATE", help="Use DATE as today, to render any past report again."
)
@click.option(
    "--from", "first", type=options.local_date, metavar="DATE", help="First date of a custom window (local time)."
)
@click.option("--until", type=options.local_date, metavar="DATE", help="Date after the last date of the custom window.")
@click.option("--org", "names", multiple=True, metavar="ID_OR_NAME", help="Organization to report on (repeatable).")
@click.option("--all-orgs", is_flag=True, help="Report on every organization of the key.")
@options.timezone
@options.locale
@options.currency
@click.option(
    "--week-start",
    type=click.Choice(("monday", "sunday", "saturday")),
    help="First day of the week.  [default: that of the locale's territory]",
)
@click.option(
    "--to",
    multiple=True,
    metavar="ADDRESS",
    help="Recipient, instead of the configured ones (repeatable).",
)
@click.option("--allow-partial", is_flag=True, help='Allow a period that has not ended yet, labeled "so far".')
@click.option("--no-email", is_flag=True, help="Render and archive, but send no email.")
@options.output
@options.template
@options.config()
@click.option("--demo", is_flag=True, help="Use the built-in sandbox: no key, no network, and no email is sent.")
@options.dry_run
@click.option("--force", metavar="REASON", help="Send reports again, as a new revision that states REASON.")
@options.run_as_json
@options.verbose
@options.quiet
@options.log_format
@click.version_option(__version__, prog_name="hyperrep-report")
@click.pass_context
def main(context: click.Context, /, **values: Any) -> int | None:
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
    from reporter.cli.run_reports import ReportOptions, run_reports

    return run_reports(ReportOptions(**values))


def _refuse_options_before(context: click.Context) -> None:
    """Reject options before a subcommand, which would be lost; its own options go after it."""
    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        subcommand = context.invoked_subcommand
        raise click.UsageError(
            f"{given[0]} must come after '{subcommand}': write `{context.info_name} {subcommand} …`."
        )
