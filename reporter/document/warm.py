"""Importing this warms up: for the process that the pool's workers are forked from, so that they start warm."""

import signal
from contextlib import suppress

from reporter.document.pdf import warm_up
from reporter.errors import RenderError

signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the process that waits for the workers
with suppress(RenderError):  # told by each worker to its first document
    warm_up()
