"""The entry point: `hyperrep-report`, or `python -m reporter`."""

import sys

from reporter.cli import run

if __name__ == "__main__":
    sys.exit(run())
