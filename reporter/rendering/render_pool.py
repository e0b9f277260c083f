"""Rendering on every core: at most one worker process per core, each on its own.

A document that takes too long, needs too much memory, or ends its process fails alone, even when it is the only one:
this process lays nothing out, and so can neither hang nor grow by it.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Self, TypeVar

from reporter.rendering.worker import Limits, Worker

Made = TypeVar("Made")

_REPORTS_PER_WORKER = 8
"""How many reports justify one more worker: starting a process costs as much CPU as rendering eight of them."""


class RenderPool:
    """Runs functions that render documents, one at a time on each worker; an async context manager, entered once.

    The workers start when it is entered, so that they are ready when the data is there. Functions,
    arguments and results travel between processes, so they must be picklable, and the functions top-level ones.
    """

    def __init__(self, reports: int, cores: int | None = None, limits: Limits = Limits()) -> None:  # noqa: B008  # frozen
        """Workers for this many reports, at most one for each core; `limits` apply to each document."""
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
        """Wait for the workers to end; after an error or an interrupt nobody wants their work, and they are stopped."""
        stops = (asyncio.to_thread(worker.stop, at_once=kind is not None) for worker in self._workers)
        await asyncio.gather(*stops)

    async def run(self, function: Callable[..., Made], *arguments: object) -> Made:
        """What `function(*arguments)` returns or raises on the next idle worker.

        Raises RenderError when a limit is met, the worker died of it or cannot be started; others are not touched.
        """
        worker = await self._idle.get()
        try:
            return await asyncio.wrap_future(worker.submit(function, *arguments))
        finally:
            self._idle.put_nowait(worker)


def _cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
