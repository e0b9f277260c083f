"""A worker process, which renders documents for its parent one after another: its handle there, and its main function.

A worker process is spawned, with an interpreter of its own, and no process is ever forked from one that has loaded a
library. Fontconfig and Pango start threads, and a child forked from a process with threads waits forever for locks
that those threads held (Pango 1.52 and later do this with the first page). Spawning is safe on every platform whatever
the libraries do; it costs about a second of CPU per process, so processes render many documents each, and
`start_early` overlaps the first one's start with the start of the program.

Its memory is limited by the operating system, and it never outlives its parent.
"""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Event, Thread, Timer
from typing import Any

from reporter.domain.errors import RenderError

_START_SECONDS = 120.0
"""Time limit for loading the libraries: usually a second, up to a minute from a slow disk on a busy machine."""

READY = "ready"
"""Message that a worker sends once its libraries are loaded, before its first document."""

_OUT_OF_MEMORY = 71
"""Exit code of a worker that ran out of memory; it ends, since its state is undefined."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for rendering a document, generous enough that only runaway documents reach them.

    `seconds` of wall time; the usual two pages take a fifth of a second. `memory` in bytes that a worker may allocate,
    enforced on Linux only; usual is 100 MB. `documents` per process before it is replaced, since the libraries leak
    about 20 kB per document.
    """

    seconds: float = 120.0
    memory: int = 1 << 30
    documents: int = 1000


class WorkerProcess:
    """One worker process, and the pipe to it."""

    def __init__(self, limits: Limits) -> None:
        """Raises RenderError if the process cannot be started."""
        self.limits = limits
        self._left = limits.documents
        context = get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(target=_work, args=(far_end, limits.memory), daemon=True)
        try:
            with _interrupts_blocked():
                self._process.start()
        except (OSError, EOFError) as error:
            self._pipe.close()
            raise RenderError(f"The process to render documents cannot be started: {error}") from error
        finally:
            far_end.close()

    def is_usable(self) -> bool:
        """Whether it is alive and may render another document."""
        return self._left > 0 and self._process.is_alive()

    def run(self, function: Callable[..., Any], arguments: tuple[object, ...]) -> Any:
        """Run the function in the process. Raises RenderError if the process ends before it returns."""
        if self._left == self.limits.documents:
            with self._within(_START_SECONDS, "The process to render documents did not start within {:g} seconds"):
                self._pipe.recv()
        self._left -= 1
        with self._within(
            self.limits.seconds, "The document took more than {:g} seconds to render, which is the limit"
        ):
            self._pipe.send((function, arguments))
            result, error = self._pipe.recv()
        if error is not None:
            raise error
        return result

    @contextmanager
    def _within(self, seconds: float, too_slow: str) -> Iterator[None]:
        """Kill the process if the block takes longer, even if the process stops in the middle of its answer.

        Raises RenderError with the message `too_slow`, or with the cause of death of the process.
        """
        expired = Event()

        def expire() -> None:
            expired.set()
            self._process.kill()

        timer = Timer(seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (EOFError, OSError) as lost:
            self._process.kill()
            self._process.join()
            raise RenderError(too_slow.format(seconds) if expired.is_set() else self._cause_of_death()) from lost
        finally:
            timer.cancel()

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()

    def end(self) -> None:
        """Close the pipe, which ends an idle process, and wait for its end."""
        self._pipe.close()
        self._process.join()

    def _cause_of_death(self) -> str:
        if self._process.exitcode == _OUT_OF_MEMORY:
            return f"The document took more than {self.limits.memory >> 20} MB of memory to render, which is the limit"
        return "The process that rendered the document died: it was killed or ran out of memory"


_idle: list[WorkerProcess] = []
"""Processes that were started before a `Worker` needed one, or that an earlier `Worker` of this program left."""


def start_early() -> None:
    """Start the process of the first `Worker` now, so that it is ready, or nearly, when the `Worker` is created.

    An unused process waits for the next `Worker`, and ends with this process.
    """
    if _idle and _idle[-1].is_usable():
        return
    with suppress(RenderError):  # reported with the first document
        _idle.append(WorkerProcess(Limits()))


def take_process(limits: Limits) -> WorkerProcess:
    """An idle process with these limits, or a new one. Raises RenderError if it cannot be started."""
    while _idle and limits == Limits():
        process = _idle.pop()
        if process.is_usable():
            return process
        process.end()
    return WorkerProcess(limits)


def leave_process(process: WorkerProcess) -> None:
    """Leave an idle process to the next `Worker` of this program, or end it if it may render no more documents."""
    if process.limits == Limits() and process.is_usable():
        _idle.append(process)
    else:
        process.end()


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block SIGINT inside the block, and permanently in processes started there: only this process handles it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: "Connection[Any, Any]", memory: int) -> None:
    """Send READY once, then answer each `(function, arguments)` with `(result, None)` or `(None, error)`, until closed.

    `memory` limits this process's allocations, in bytes. Errors are sent with their traceback as a note.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # only the parent handles interrupts
    _end_with_parent()
    _load()
    _limit(memory)
    try:
        with suppress(EOFError, ConnectionError):  # the parent closed the pipe, perhaps with data unread
            pipe.send(READY)
            while True:
                _answer(pipe)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)


def _load() -> None:
    """Load libraries and templates before the first document."""
    gc.disable()  # what is loaded stays: collecting garbage meanwhile takes a twentieth of the time
    from reporter.rendering import render  # noqa: PLC0415 - the parent imports only this module

    with suppress(RenderError):  # reported with the first document
        render.warm_up()
    gc.enable()


def _answer(pipe: "Connection[Any, Any]") -> None:
    """Render the next document. Raises MemoryError, also if another error hid it."""
    function, arguments = pipe.recv()
    try:
        pipe.send((function(*arguments), None))
    except Exception as error:  # every error is sent to the caller
        if _lacks_memory(error):
            raise MemoryError from error
        error.add_note("".join(traceback.format_exception(error)))
        pipe.send((None, error))


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether the error was caused by a MemoryError."""
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None


def _limit(memory: int) -> None:
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
    assert parent is not None
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
