"""Worker processes as seen by the parent: process, waiting thread, and replacement.

A document affects only the process that renders it: a process that takes too long is killed, and one that died or
has rendered its maximum number of documents is replaced.

Worker processes are spawned, each with an interpreter of its own, and no process is ever forked from one that has
loaded a library. Fontconfig and Pango start threads, and a child forked from a process with threads waits forever for
locks that those threads held (Pango 1.52 and later do this with the first page). Spawning is safe on every platform
whatever the libraries do; it costs about a second of CPU per process, so processes render many documents each, and
`start_early` overlaps the first one's start with the start of the program.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from threading import Event, Timer
from typing import Any, Self, TypeVar

from reporter.domain.errors import RenderError
from reporter.rendering.worker_process import OUT_OF_MEMORY, work

Made = TypeVar("Made")

_START_SECONDS = 120.0
"""Time limit for loading the libraries: usually a second, up to a minute from a slow disk on a busy machine."""


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


class Worker:
    """Runs functions one after another in a process, which is started at once and replaced when necessary.

    All work is done in one thread, so that the event loop never blocks; only `stop` is called from others. As a context
    manager, it stops on exit.
    """

    def __init__(self, limits: Limits = Limits()) -> None:  # frozen
        self._limits = limits
        self._process: _Process | None = None
        self._is_unwanted = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="render")
        self._thread.submit(self._ready)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop(at_once=kind is not None)

    def run(self, function: Callable[..., Made], *arguments: object) -> Made:
        """Like `submit`, but wait for the result."""
        return self.submit(function, *arguments).result()

    def submit(self, function: Callable[..., Made], *arguments: object) -> Future[Made]:
        """Run `function(*arguments)`; the future raises RenderError if the process does not survive it."""
        return self._thread.submit(self._run, function, arguments)

    def stop(self, *, at_once: bool) -> None:
        """End thread and process, and wait for their end; `at_once` discards work in progress."""
        self._is_unwanted = at_once
        if at_once and self._process:
            self._process.kill()
        self._thread.shutdown(cancel_futures=at_once)
        if self._process:
            self._process.end()

    def _run(self, function: Callable[..., Made], arguments: tuple[object, ...]) -> Made:
        made: Made = self._ready().run(function, arguments)
        return made

    def _ready(self) -> "_Process":
        """The process, or its replacement. Raises RenderError if none can be started."""
        if self._process and not self._process.is_good():
            self._process.end()
            self._process = None
        self._process = self._process or _take_early(self._limits) or _Process(self._limits)
        if self._is_unwanted:  # set since `stop` checked
            self._process.kill()
        return self._process


class _Process:
    """One worker process, and the pipe to it."""

    def __init__(self, limits: Limits) -> None:
        """Raises RenderError if the process cannot be started."""
        self._limits = limits
        self._left = limits.documents
        self._is_ready = False
        context = get_context("spawn")
        self._line, far_end = context.Pipe()
        self._process = context.Process(target=work, args=(far_end, limits.memory), daemon=True)
        try:
            with _interrupts_held_back():
                self._process.start()
        except (OSError, EOFError) as error:
            self._line.close()
            raise RenderError(f"The process to make the document cannot be started: {error}") from error
        finally:
            far_end.close()

    def is_good(self) -> bool:
        """Whether it is alive and may render another document."""
        return self._left > 0 and self._process.is_alive()

    def run(self, function: Callable[..., Any], arguments: tuple[object, ...]) -> Any:
        """Run the function in the process. Raises RenderError if the process ends before it returns."""
        self._left -= 1
        if not self._is_ready:
            self._receive(_START_SECONDS, "The process to render documents did not start within {:g} seconds")
            self._is_ready = True
        too_slow = "The document took more than {:g} seconds to make, the most that one may take"
        made, error = self._receive(self._limits.seconds, too_slow, send=(function, arguments))
        if error is not None:
            raise error
        return made

    def _receive(self, seconds: float, too_slow: str, *, send: object = None) -> Any:
        """Receive what the process sends within `seconds`, after sending it `send` if given.

        Raises RenderError with the message `too_slow` on timeout, or with the cause of death of the process.
        """
        with _Alarm(seconds, self.kill) as alarm:
            try:
                if send is not None:
                    self._line.send(send)
                return self._line.recv()
            except (EOFError, OSError) as lost:
                self.kill()
                self._process.join()
                raise RenderError(too_slow.format(seconds) if alarm.rang.is_set() else self._death()) from lost

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()

    def end(self) -> None:
        """Close the pipe, which ends an idle process, and wait for its end."""
        self._line.close()
        self._process.join()

    def _death(self) -> str:
        """The cause of death of the process, as an error message."""
        if self._process.exitcode == OUT_OF_MEMORY:
            return f"The document took more than {self._limits.memory >> 20} MB of memory, the most that one may take"
        return "The process that made the document died: it was killed or ran out of memory"


class _Alarm(Timer):
    """Calls a function once after `seconds`, unless the block is left before; sets `rang`."""

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        super().__init__(seconds, self._ring)
        self.daemon = True
        self.rang = Event()
        self._wake = ring

    def _ring(self) -> None:
        self.rang.set()
        self._wake()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()


_early: deque[_Process] = deque()
"""Processes that were started before a `Worker` needed one."""


def start_early() -> None:
    """Start the process of the first `Worker` now, so that it is ready, or nearly, when the `Worker` is created.

    An unused process waits for the next `Worker`, and ends with this process.
    """
    if _early and _early[-1].is_good():
        return
    with suppress(RenderError):  # reported with the first document
        _early.append(_Process(Limits()))


def _take_early(limits: Limits) -> _Process | None:
    """Take the process that was started early, if it is unused and has these limits."""
    return _early.pop() if _early and limits == Limits() else None


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Block SIGINT inside the block, and permanently in processes started there: only this process handles it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
