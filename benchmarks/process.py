"""Runs a renderer in its own process, and measures CPU time and memory of its process tree."""

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
"""Sets up a renderer; the block's value renders one page to PDF."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of one document: CPU time of the process tree and wall time in seconds, and its size in bytes."""

    cpu: float
    wall: float
    size: int


class Contender:
    """A renderer's process, which measures the cost of work."""

    def __init__(self, connection: Connection, process: psutil.Process) -> None:
        self._connection = connection
        self._process = process

    def cost(self, work: Sequence[object]) -> Cost:
        """Average cost of these documents, including CPU time after the answer (such as for closing a tab).

        Several documents are measured at once, since the system counts CPU time in hundredths of a second.
        """
        cpu, began = self.cpu(), time.perf_counter()
        self._connection.send(work)
        answer = self._connection.recv()
        wall = time.perf_counter() - began
        if isinstance(answer, Exception):
            raise answer
        return Cost((self._quiet_cpu() - cpu) / len(work), wall / len(work), sum(answer) // len(work))

    def memory(self) -> float:
        """Memory of all processes in MB, with shared pages counted once."""
        return self._sum(lambda process: process.memory_full_info().pss) / 1e6

    def cpu(self) -> float:
        """CPU time so far in seconds, including that of ended processes."""
        return self._sum(lambda process: sum(process.cpu_times()[:4]))

    def _quiet_cpu(self) -> float:
        """The CPU time after it has been constant for a tenth of a second."""
        spent = -1.0
        while spent != (now := self.cpu()):
            spent = now
            time.sleep(0.1)
        return spent

    def _sum(self, figure: Callable[[psutil.Process], float]) -> float:
        """The sum of a figure over the process and all its descendants."""
        while True:
            try:
                return sum(figure(each) for each in (self._process, *self._process.children(recursive=True)))
            except psutil.NoSuchProcess:  # a process ended during the sum: try again
                continue


@contextmanager
def contender(start: Start) -> Iterator[Contender]:
    """A fresh process with the renderer set up."""
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
    """Process each batch of work until the other end closes the connection."""
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
    except Exception as error:  # noqa: BLE001  # returned to the caller, which raises it
        return error
