"""The entry point: `hyperrep-report`, or `python -m reporter`."""

import os
import sys
from collections.abc import Sequence


def main() -> None:
    """Run the command and exit with its exit code."""
    if _is_run(sys.argv[1:]):
        from reporter.rendering.worker_process import start_early  # noqa: PLC0415 - only for a run

        start_early()  # the worker process loads its libraries while this one loads its own
    # Imported late: each worker process imports this module too, but needs nothing of the command.
    from reporter.cli import INTERRUPTED, run  # noqa: PLC0415

    code = run()
    if code == INTERRUPTED:  # at once: a normal exit would wait for threads, and they for a server
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _is_run(arguments: Sequence[str]) -> bool:
    """Whether the command is to produce reports, as far as this is known before anything is loaded.

    No option may come before a subcommand. A worker that was started unnecessarily ends with the command.
    """
    only_prints = bool({"-h", "--help", "--version"} & set(arguments)) or "_HYPERREP_REPORT_COMPLETE" in os.environ
    return not only_prints and (not arguments or arguments[0].startswith("-"))


if __name__ == "__main__":
    main()
