"""Rendering in worker processes: one at a time, or on all cores.

A document affects only the process that renders it: a process that takes too long is killed, and one that died or has
rendered its maximum number of documents is replaced. The calling process renders nothing itself, so it can neither
hang nor grow because of a document.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self, TypeVar

from reporter.rendering.worker_process import Limits, WorkerProcess, leave_process, take_process

Result = TypeVar("Result")

_REPORTS_PER_WORKER = 8
"""How many reports justify one more worker: starting a process costs as much CPU as rendering eight of them."""


class Worker:
    """Runs functions one after another in a process, which is started at once and replaced when necessary.

    All work is done in one thread, so that the event loop never blocks; only `stop` is called from others. As a context
    manager, it stops on exit.
    """

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self._limits = limits
        self._process: WorkerProcess | None = None
        self._is_stopped_at_once = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="render")
        self._thread.submit(self._ready)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop(at_once=kind is not None)

    def run(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Like `submit`, but wait for the result."""
        return self.submit(function, *arguments).result()

    def submit(self, function: Callable[..., Result], *arguments: object) -> Future[Result]:
        """Run `function(*arguments)`; the future raises RenderError if the process does not survive it."""
        return self._thread.submit(lambda: self._ready().run(function, arguments))

    def stop(self, *, at_once: bool) -> None:
        """End thread and process, and wait for their end; `at_once` discards work in progress."""
        self._is_stopped_at_once = at_once
        if at_once and self._process:
            self._process.kill()
        self._thread.shutdown(cancel_futures=at_once)
        if self._process and at_once:
            self._process.end()
        elif self._process:
            leave_process(self._process)

    def _ready(self) -> WorkerProcess:
        """The process, or its replacement. Raises RenderError if none can be started."""
        if self._process and not self._process.is_usable():
            self._process.end()
            self._process = None
        self._process = self._process or take_process(self._limits)
        if self._is_stopped_at_once:  # set since `stop` checked
            self._process.kill()
        return self._process


class RenderPool:
    """Runs functions that render documents, one at a time per worker; a single-use async context manager.

    The workers start on entry, so that they are ready when the data arrives. Functions, arguments, and results are sent
    between processes, so they must be picklable, and functions must be at module level.
    """

    def __init__(self, reports: int, cores: int | None = None, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        """Use workers for this many reports, at most one per core; `limits` apply to each document."""
        self._count = max(1, min(-(-reports // _REPORTS_PER_WORKER), cores or _cores()))
        self._limits = limits
        self._workers: list[Worker] = []
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._workers = [Worker(self._limits) for _ in range(self._count)]
        for worker in self._workers:
            self._idle.put_nowait(worker)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for the workers to end; after an error or an interrupt, stop them at once."""
        stops = (asyncio.to_thread(worker.stop, at_once=kind is not None) for worker in self._workers)
        await asyncio.gather(*stops)

    async def run(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run `function(*arguments)` on the next idle worker, and return or raise its result.

        Raises RenderError if a limit is reached, or the worker dies or cannot be started; others are not affected.
        """
        worker = await self._idle.get()
        try:
            return await asyncio.wrap_future(worker.submit(function, *arguments))
        finally:
            self._idle.put_nowait(worker)


def _cores() -> int:
    """Number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
