"""The command line: the only place that prints, exits, and reads the clock and the environment."""

import sys
from collections.abc import Sequence

import click

from reporter.cli.command import main
from reporter.errors import ConfigurationError, ReporterError

INTERRUPTED = 130


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code. Every foreseen error is one sentence on stderr, never a traceback."""
    try:
        code = main.main(args=arguments, prog_name="hyperrep-report", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ConfigurationError as error:
        for problem in error.problems:
            _complain(problem)
        return error.exit_code
    except ReporterError as error:
        _complain(str(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _complain("Interrupted; the next run picks up where this one stopped.")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0


def _complain(sentence: str) -> None:
    click.echo(f"hyperrep-report: {sentence}", err=True)
