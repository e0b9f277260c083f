"""The entry point: `hyperrep-report`, or `python -m reporter`."""

import sys

from reporter.cli import run


def main() -> None:
    """Run the command and end with its exit code."""
    sys.exit(run())


if __name__ == "__main__":
    main()
