"""What a worker process does: it makes one document after another for the process it belongs to, within its bounds.

The system refuses it memory before the machine runs short, and it never outlives the process it works for.
"""

import gc
import os
import signal
import sys
import traceback
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

from reporter.domain.errors import RenderError

READY = "ready"
"""What a worker sends before its first document, once its libraries are loaded."""

OUT_OF_MEMORY = 71
"""The exit code of a worker that was refused memory: it ends, since nobody knows what it left half done."""


def work(line: "Connection[Any, Any]", memory: int) -> None:
    """Say READY once, then answer each `(function, arguments)` with `(result, None)` or `(None, error)`, until closed.

    `memory` is in bytes, all that this process may allocate. Errors travel with their traceback as a note.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the process that waits for this one
    _end_with_parent()
    _load()
    _bound(memory)
    try:
        with suppress(EOFError, ConnectionError):  # the parent hung up, perhaps without having read all
            line.send(READY)
            while True:
                _answer(line)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _load() -> None:
    """Load what the first document would otherwise wait for."""
    gc.disable()  # what is loaded stays: looking for garbage among it takes a twentieth of the time
    from reporter.rendering import render  # noqa: PLC0415 - the parent imports this module, and not that

    with suppress(RenderError):  # reported with the first document
        render.warm_up()
    gc.enable()


def _answer(line: "Connection[Any, Any]") -> None:
    """Make the next document. Raises MemoryError, also where another error hid it."""
    function, arguments = line.recv()
    try:
        line.send((function(*arguments), None))
    except Exception as error:  # whatever it is, it is for who asked
        if _lacks_memory(error):
            raise MemoryError from error
        error.add_note("".join(traceback.format_exception(error)))
        line.send((None, error))


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether the error began with a refusal of memory."""
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None


def _bound(memory: int) -> None:
    """Have the system refuse this process more than so many bytes: what it writes to, not the files it has mapped."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - other systems lack the module or do not hold the limit

        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        bound = memory if most == resource.RLIM_INFINITY else min(memory, most)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))


def _end_with_parent() -> None:
    """End, whatever is under way, when the process this one works for is no more, even if it was killed.

    On Linux the kernel sees to it, which works also while a library lets no thread of this process run.
    """
    parent = parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 - other systems lack the module or the signal

        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, os.O_ASYNC)
        if not parent.is_alive():  # it ended before the kernel was asked
            os._exit(1)
    else:
        Thread(target=_outlast, args=[parent], daemon=True).start()


def _outlast(parent: BaseProcess) -> None:
    """Wait for the end of the process this one works for, and follow it."""
    parent.join()
    os._exit(1)
