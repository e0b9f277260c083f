"""The entry point: `hyperrep-report`, or `python -m reporter`."""

import os
import sys


def main() -> None:
    """Run the command and end with its exit code."""
    # Each worker process imports this module again, and needs nothing of the command.
    from reporter.cli import INTERRUPTED, run  # noqa: PLC0415

    code = run()
    if code == INTERRUPTED:  # at once: an ordinary exit would wait for threads, and they for a server
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
