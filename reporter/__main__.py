"""The entry point: `hyperrep-report`, or `python -m reporter`."""

import os
import sys

from reporter.cli import INTERRUPTED, run


def main() -> None:
    """Run the command and end with its exit code."""
    code = run()
    if code == INTERRUPTED:  # at once: an ordinary exit would wait for threads, and they for a server
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
