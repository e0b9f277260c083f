"""A worker of the pool as this process sees it: another process, the thread that waits for it, and its replacement.

What a document does to its process is felt by no other document: a process that takes too long is killed, and one that
is dead or spent is followed by a fresh one.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.util import get_temp_dir
from threading import Event, Timer
from typing import TYPE_CHECKING, Any, Self, TypeVar

from reporter.document.work import OUT_OF_MEMORY, work
from reporter.errors import RenderError

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext  # the former is unknown to Windows

Made = TypeVar("Made")

_PRELOADED = ["reporter.document.warm", "reporter.document.edition"]
"""Imported, on Linux and macOS, by the process that the workers are forked from."""


_SHORT_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run")  # noqa: S108 - a folder of its own is made there
_ROOM = 60
"""Bytes of a folder's path that leave room for a socket in a folder of its own there: in all, it may have about 100."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What making a document may cost: far more than one needs, so that only what has no end meets a limit.

    `seconds` of wall time; the usual two pages take a fifth of one. `memory` in bytes, all that a worker allocates,
    which Linux alone holds it to: one at work has 100 MB. `documents` are made by one process, then it is replaced,
    as the libraries below keep a little memory of each for good.
    """

    seconds: float = 120.0
    memory: int = 1 << 30
    documents: int = 200


class Worker:
    """Runs functions one after another in a process, the first of which is started at once.

    All is done by one thread, so that the event loop waits for nothing; only `stop` is called from others. It may be a
    context manager, after which it has stopped.
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
        """As `submit`, for who waits for it."""
        return self.submit(function, *arguments).result()

    def submit(self, function: Callable[..., Made], *arguments: object) -> Future[Made]:
        """What `function(*arguments)` returns or raises; RenderError where the process does not survive it."""
        return self._thread.submit(self._run, function, arguments)

    def stop(self, *, at_once: bool) -> None:
        """End thread and process, and wait for their end; `at_once` nobody wants what is under way."""
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
        """The process, or the one that follows it. Raises RenderError when none can be started."""
        if self._process and not self._process.is_good():
            self._process.end()
            self._process = None
        self._process = self._process or _Process(self._limits)
        if self._is_unwanted:  # since `stop` looked
            self._process.kill()
        return self._process


class _Process:
    """One process, and the line to it."""

    def __init__(self, limits: Limits) -> None:
        """Raises RenderError when there can be none."""
        self._limits = limits
        self._left = limits.documents
        context = _context()
        self._line, far_end = context.Pipe()
        self._process = context.Process(target=work, args=(far_end, limits.memory), daemon=True)
        try:
            self._process.start()
        except (OSError, EOFError) as error:
            self._line.close()
            raise RenderError(f"The process to make the document cannot be started: {error}") from error
        finally:
            far_end.close()

    def is_good(self) -> bool:
        """Whether it lives and may make one more document."""
        return self._left > 0 and self._process.is_alive()

    def run(self, function: Callable[..., Any], arguments: tuple[object, ...]) -> Any:
        """What the function returns or raises there. Raises RenderError when the process ends before."""
        self._left -= 1
        with _Alarm(self._limits.seconds, self.kill) as alarm:
            try:
                self._line.send((function, arguments))
                made, error = self._line.recv()
            except (EOFError, OSError) as lost:
                self.kill()
                self._process.join()
                raise RenderError(self._death(is_overdue=alarm.rang.is_set())) from lost
        if error is not None:
            raise error
        return made

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()

    def end(self) -> None:
        """Hang up, which ends it when it is idle, and wait for its end."""
        self._line.close()
        self._process.join()

    def _death(self, *, is_overdue: bool) -> str:
        """What the process died of, in a sentence."""
        if is_overdue:
            return f"The document took more than {self._limits.seconds:g} seconds to make, the most that one may take"
        if self._process.exitcode == OUT_OF_MEMORY:
            return f"The document took more than {self._limits.memory >> 20} MB of memory, the most that one may take"
        return "The process that made the document died: it was killed or ran out of memory"


class _Alarm(Timer):
    """Rings once, unless the block is left before; `rang` tells."""

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


def prepare() -> None:
    """Start, without waiting for it, the process that workers are forked from, and have it warm up; once is enough.

    An interrupt is held back meanwhile, and so never reaches that process or its workers, not even as they begin.
    """
    if sys.platform == "win32":
        return
    forkserver.set_forkserver_preload(_PRELOADED)
    with suppress(OSError):  # told with the first document
        _make_room_for_sockets()
        resource_tracker.ensure_running()  # here, as it lets interrupts through
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _make_room_for_sockets() -> None:
    """Have the folder of this process's sockets made where their names are not too long, whatever TMPDIR says."""
    usual = tempfile.gettempdir()
    places = (
        place for place in (usual, *_SHORT_PLACES) if len(os.fsencode(place)) <= _ROOM and os.access(place, os.W_OK)
    )
    tempfile.tempdir = next(places, usual)
    try:
        get_temp_dir()  # remembers it, and removes it in the end
    finally:
        tempfile.tempdir = usual


def _context() -> "ForkServerContext | SpawnContext":
    """Processes forked from one that is warm already where that is safe, fresh ones elsewhere."""
    prepare()
    return get_context("spawn") if sys.platform == "win32" else get_context("forkserver")
