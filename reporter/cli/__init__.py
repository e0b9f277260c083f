"""The command line: the only place that prints, exits, and reads the clock and the environment."""

import sys
from collections.abc import Sequence

import click

from reporter.cli.command import SUMMARIES, main
from reporter.domain.errors import ConfigurationError, ReporterError

INTERRUPTED = 130
RUNS = {"due"}
"""Subcommands whose `--json` output is the document of a run."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code. Expected errors print one sentence on stderr, never a traceback."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = main.main(args=given, prog_name="hyperrep-report", standalone_mode=False)
    except click.ClickException as error:
        return _ended(given, error.exit_code, error.format_message())
    except ConfigurationError as error:
        return _ended(given, error.exit_code, *error.problems)
    except ReporterError as error:
        return _ended(given, error.exit_code, str(error))
    except (click.Abort, KeyboardInterrupt):
        return _ended(given, INTERRUPTED, "Interrupted; the next run picks up where this one stopped.")
    return code if isinstance(code, int) else 0


def _ended(given: Sequence[str], code: int, *sentences: str) -> int:
    """Report why the command ended without a result: on stderr, and with `--json` in the run's document too."""
    for sentence in sentences:
        click.echo(f"hyperrep-report: {sentence}", err=True)
    if "--json" in given and not (SUMMARIES.keys() - RUNS) & set(given):
        import uuid

        from reporter.cli.output import say_json
        from reporter.outcome import RunOutcome

        empty = RunOutcome(uuid.uuid4().hex, ())
        say_json({**empty.as_json(), "exit_code": code, "error": "\n".join(sentences)})
    return code
