"""A contender in a process of its own, and what it and all its children take: CPU seconds, memory."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import psutil

Make = Callable[[Any], bytes]
Start = Callable[[], AbstractContextManager[Make]]
"""Makes a contender ready; the block's value turns one page into a PDF."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one document took: seconds of CPU of the whole process tree, seconds of wall time, and its bytes."""

    cpu: float
    wall: float
    size: int


class Contender:
    """A contender's process: give it work, learn the cost."""

    def __init__(self, connection: Connection, process: psutil.Process) -> None:
        self._connection = connection
        self._process = process

    def cost(self, work: Sequence[object]) -> Cost:
        """What each of these took on average. CPU spent after the answer (a tab that closes) counts until it is quiet.

        Several at once, since the system counts CPU in hundredths of a second.
        """
        cpu, began = self.cpu(), time.perf_counter()
        self._connection.send(work)
        answer = self._connection.recv()
        wall = time.perf_counter() - began
        if isinstance(answer, Exception):
            raise answer
        return Cost((self._quiet_cpu() - cpu) / len(work), wall / len(work), sum(answer) // len(work))

    def memory(self) -> float:
        """Megabytes of all processes, shared pages counted once."""
        return self._sum(lambda process: process.memory_full_info().pss) / 1e6

    def cpu(self) -> float:
        """Seconds of CPU spent so far, by processes that have ended too."""
        return self._sum(lambda process: sum(process.cpu_times()[:4]))

    def _quiet_cpu(self) -> float:
        """The CPU once nothing has happened for a tenth of a second."""
        spent = -1.0
        while spent != (now := self.cpu()):
            spent = now
            time.sleep(0.1)
        return spent

    def _sum(self, figure: Callable[[psutil.Process], float]) -> float:
        """The figure of the process and all its children together."""
        while True:
            try:
                return sum(figure(each) for each in (self._process, *self._process.children(recursive=True)))
            except psutil.NoSuchProcess:  # a tab was closed between the list and the look: look again
                continue


@contextmanager
def contender(start: Start) -> Iterator[Contender]:
    """A fresh process that has made itself ready."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, start))
    process.start()
    theirs.close()
    try:
        ours.recv()
        yield Contender(ours, psutil.Process(process.pid))
    finally:
        ours.close()
        process.join()


def _serve(connection: Connection, start: Start) -> None:
    """Answer each piece of work until the other end is closed."""
    with start() as make:
        connection.send(None)
        while True:
            try:
                work = connection.recv()
            except EOFError:
                return
            connection.send(_sizes(make, work))


def _sizes(make: Make, work: Sequence[Any]) -> list[int] | Exception:
    try:
        return [len(make(each)) for each in work]
    except Exception as error:  # noqa: BLE001  # told where the work came from
        return error
