"""Rendering on all cores, with at most one independent worker process per core.

A document that takes too long, needs too much memory, or crashes its process affects no other document. The calling
process renders nothing itself, so it can neither hang nor grow because of it.
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
    """Runs functions that render documents, one at a time per worker; a single-use async context manager.

    The workers start on entry, so that they are ready when the data arrives. Functions, arguments, and results are sent
    between processes, so they must be picklable, and functions must be at module level.
    """

    def __init__(self, reports: int, cores: int | None = None, limits: Limits = Limits()) -> None:  # noqa: B008  # frozen
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

    async def run(self, function: Callable[..., Made], *arguments: object) -> Made:
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
