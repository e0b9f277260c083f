"""Main function of a worker process, which renders documents for its parent one after another.

Its memory is limited by the operating system, and it never outlives its parent.
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
"""Message that a worker sends once its libraries are loaded, before its first document."""

OUT_OF_MEMORY = 71
"""Exit code of a worker that ran out of memory; it ends, since its state is undefined."""


def work(line: "Connection[Any, Any]", memory: int) -> None:
    """Send READY once, then answer each `(function, arguments)` with `(result, None)` or `(None, error)`, until closed.

    `memory` limits this process's allocations, in bytes. Errors are sent with their traceback as a note.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # only the parent handles interrupts
    _end_with_parent()
    _load()
    _bound(memory)
    try:
        with suppress(EOFError, ConnectionError):  # the parent closed the pipe, perhaps with data unread
            line.send(READY)
            while True:
                _answer(line)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _load() -> None:
    """Load libraries and templates before the first document."""
    gc.disable()  # what is loaded stays: collecting garbage meanwhile takes a twentieth of the time
    from reporter.rendering import render  # noqa: PLC0415 - the parent imports only this module

    with suppress(RenderError):  # reported with the first document
        render.warm_up()
    gc.enable()


def _answer(line: "Connection[Any, Any]") -> None:
    """Render the next document. Raises MemoryError, also if another error hid it."""
    function, arguments = line.recv()
    try:
        line.send((function(*arguments), None))
    except Exception as error:  # every error is sent to the caller
        if _lacks_memory(error):
            raise MemoryError from error
        error.add_note("".join(traceback.format_exception(error)))
        line.send((None, error))


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether the error was caused by a MemoryError."""
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None


def _bound(memory: int) -> None:
    """Limit this process's data size to `memory` bytes; mapped files do not count."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - other systems lack the module or do not enforce the limit

        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        bound = memory if most == resource.RLIM_INFINITY else min(memory, most)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))


def _end_with_parent() -> None:
    """End this process when its parent ends, even if the parent was killed.

    On Linux the kernel sends SIGKILL, which also works while a library blocks all threads of this process.
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
    """Wait for the parent to end, then exit."""
    parent.join()
    os._exit(1)
