"""Where documents are made on every core: one process per core, warm before its first document, each on its own.

A worker that dies (killed, out of memory) takes its own document with it and no other: every worker is an executor of
one process, replaced when it breaks. A single document does not pay for a process: a thread of this one makes it.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.context import BaseContext
from typing import Self, TypeVar

from reporter.document.pdf import warm_up
from reporter.errors import RenderError

Made = TypeVar("Made")

DOCUMENTS_PER_WORKER = 200
"""Documents after which a worker is replaced: the libraries below keep a little memory of each for good."""

_WARM = "reporter.document.warm"
"""Imported, on Linux and macOS, by the process that the workers are forked from."""


class RenderPool:
    """Runs functions that make documents, one at a time on each worker; an async context manager, entered once.

    The workers warm up from the moment it is entered, so that they are ready when the data is there. Functions,
    arguments and results travel between processes, so they must be picklable, and the functions top-level ones.
    """

    def __init__(self, reports: int, cores: int | None = None) -> None:
        """Workers for this many reports, at most one for each core; for one report a thread of this process."""
        self._count = max(1, min(reports, cores or _cores()))
        self._start = _thread if reports <= 1 else _process
        self._idle: asyncio.Queue[asyncio.Task[Executor]] = asyncio.Queue()
        self._started: set[asyncio.Task[Executor]] = set()

    async def __aenter__(self) -> Self:
        for _ in range(self._count):
            self._idle.put_nowait(self._new_worker())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for the workers to end; after an error or an interrupt nobody wants their work, and they are stopped."""
        started = await asyncio.gather(*self._started, return_exceptions=True)
        if kind is not None:
            for process in multiprocessing.active_children():
                process.terminate()
        for worker in started:
            if isinstance(worker, Executor):
                await asyncio.to_thread(worker.shutdown, cancel_futures=True)

    async def run(self, function: Callable[..., Made], *arguments: object) -> Made:
        """What `function(*arguments)` returns or raises on the next idle worker.

        Raises RenderError when the worker died of it or cannot be started; other documents are not touched.
        """
        worker = await self._idle.get()
        try:
            try:
                made = await self._submitted(worker, function, *arguments)
            except BrokenProcessPool:  # it died before, which is not this document's fault
                worker = self._new_worker()
                made = await self._submitted(worker, function, *arguments)
            return await made
        except BrokenProcessPool as error:
            raise RenderError("The process that made the document died: it was killed or ran out of memory") from error
        finally:
            self._idle.put_nowait(worker)

    def _new_worker(self) -> asyncio.Task[Executor]:
        """A worker on its way; starting one waits for a process, which the event loop must not."""
        worker = asyncio.create_task(asyncio.to_thread(self._start))
        self._started.add(worker)
        return worker

    @staticmethod
    async def _submitted(
        worker: asyncio.Task[Executor], function: Callable[..., Made], *arguments: object
    ) -> asyncio.Future[Made]:
        executor = await asyncio.shield(worker)  # a cancelled document does not cancel its worker
        return asyncio.get_running_loop().run_in_executor(executor, function, *arguments)


def _thread() -> Executor:
    """A thread of this process: enough for one document, and the cheapest."""
    executor = ThreadPoolExecutor(1, thread_name_prefix="render")
    executor.submit(warm_up)
    return executor


def _process() -> Executor:
    """A process of its own, started and warm. Raises BrokenProcessPool when there can be none."""
    executor = ProcessPoolExecutor(1, _context(), initializer=_begin, max_tasks_per_child=DOCUMENTS_PER_WORKER)
    try:
        executor.submit(_wait_until_warm).result()
    except (OSError, EOFError) as error:
        raise BrokenProcessPool(f"No process can be started: {error}") from error
    return executor


def _begin() -> None:
    """Leave an interrupt to the process that waits for this one, also where none was forked from a warm one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _wait_until_warm() -> None:
    """Warm up, unless the process this one was forked from has. What hinders it is told with the first document."""
    with suppress(RenderError):
        warm_up()


def _context() -> BaseContext:
    """Processes forked from one that is warm already where that is safe, fresh ones elsewhere."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_WARM])
    return context


def _cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
