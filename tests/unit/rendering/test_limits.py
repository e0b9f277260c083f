"""Limits of a document: one that hangs, grows, or ends its process fails with an error, and all others are rendered."""

import asyncio
import ctypes
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from reporter.domain.errors import RenderError
from reporter.rendering.worker import RenderPool
from reporter.rendering.worker_process import Limits
from tests.tiers import first_is_fast

TIGHT = Limits(seconds=2, memory=200 << 20)

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")


def echo(number: int) -> tuple[int, int]:
    """A trivial document: the given value, and the process that returned it."""
    return number, os.getpid()


def sleep() -> None:
    """Wait forever."""
    time.sleep(600)


def match_for_ever() -> None:
    """Hold the global interpreter lock, so that no other thread of the process runs."""
    os.write(1, b"hanging\n")
    re.match(r"(a+)+$", "a" * 60 + "b")


def fall_silent() -> None:
    """Stop, as in a debugger, in the middle of the answer."""
    os.kill(os.getpid(), signal.SIGSTOP)


def fall_silent_while_answering() -> None:
    """Send the beginning of an answer, and never the rest."""
    frame = sys._getframe()
    while "pipe" not in frame.f_locals and frame.f_back:
        frame = frame.f_back
    os.write(frame.f_locals["pipe"].fileno(), struct.pack("!i", 1000) + b"beginning")
    time.sleep(600)


def swell() -> None:
    """Allocate more and more memory."""
    held = []
    while True:
        held.append(bytearray(1 << 20))


def swell_unseen() -> None:
    """Allocate more and more memory, and treat its exhaustion as an error of the document."""
    try:
        swell()
    except MemoryError as error:
        raise RenderError("The document cannot be rendered") from error


def swell_outside_python() -> None:
    """Simulate a C library that ends the process when it gets no memory, as those below the renderer do."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while libc.malloc(ctypes.c_size_t(1 << 20)):
        pass
    libc.abort()


def raise_memory_error() -> None:
    """Report that there is no memory left."""
    raise MemoryError


def exit_hard() -> None:
    """End the process without any message."""
    os._exit(3)


def exit_softly() -> None:
    """End the process with `sys.exit`."""
    sys.exit(0)


def answer_what_cannot_travel() -> object:
    """Return a result that cannot be sent to another process."""
    return lambda: None


TIME = "The document took more than 2 seconds to render, which is the limit"
MEMORY = "The document took more than 200 MB of memory to render, which is the limit"
DEATH = "The process that rendered the document died: it was killed or ran out of memory"


@pytest.mark.parametrize("reports", first_is_fast([1, 16]))
@pytest.mark.parametrize(
    ("ruin", "sentence"),
    [
        (sleep, TIME),
        pytest.param(match_for_ever, TIME, marks=pytest.mark.slow),
        pytest.param(fall_silent, TIME, marks=pytest.mark.slow),
        (fall_silent_while_answering, TIME),
        pytest.param(swell, MEMORY, marks=on_linux),
        pytest.param(swell_unseen, MEMORY, marks=[on_linux, pytest.mark.slow]),
        pytest.param(swell_outside_python, DEATH, marks=[on_linux, pytest.mark.slow]),
        pytest.param(raise_memory_error, MEMORY, marks=pytest.mark.slow),
        (exit_hard, DEATH),
        pytest.param(exit_softly, DEATH, marks=pytest.mark.slow),
    ],
)
def test_what_ruins_a_worker_fails_alone_and_says_why(reports: int, ruin: Callable[[], None], sentence: str) -> None:
    """The document fails with an error; those beside it and after it are rendered, by a new process."""

    async def story() -> tuple[list[object], tuple[int, int], int]:
        async with RenderPool(reports, cores=2, limits=TIGHT) as workers:
            _, first = await workers.run(echo, 0)
            runs = (workers.run(ruin), *(workers.run(echo, number) for number in range(4)))
            made = await asyncio.gather(*runs, return_exceptions=True)
            return list(made), await workers.run(echo, 9), first

    (failure, *others), last, first = asyncio.run(story())
    assert isinstance(failure, RenderError)
    assert str(failure) == sentence
    assert [other[0] for other in others if isinstance(other, tuple)] == [0, 1, 2, 3]
    assert last[0] == 9
    assert reports > 1 or last[1] != first


def test_a_result_that_cannot_travel_is_an_error_like_others() -> None:
    """A result that cannot be sent fails its document with the reason, and the process continues."""

    async def story() -> tuple[int, int]:
        async with RenderPool(1) as workers:
            _, before = await workers.run(echo, 1)
            with pytest.raises(Exception, match="pickle"):
                await workers.run(answer_what_cannot_travel)
            return before, (await workers.run(echo, 2))[1]

    before, after = asyncio.run(story())
    assert before == after


def test_an_unforeseen_error_tells_where_it_was_raised() -> None:
    """The log of an internal error contains the location in the worker, not only the one in the waiting process."""

    async def story() -> None:
        async with RenderPool(1) as workers:
            await workers.run(divide_by, 0)

    with pytest.raises(ZeroDivisionError) as caught:
        asyncio.run(story())
    assert "in divide_by" in "".join(caught.value.__notes__)


def divide_by(number: int) -> float:
    """Raise an internal error."""
    return 1 / number


PROGRAM = """
import asyncio
from reporter.rendering.worker import RenderPool
from tests.unit.rendering import test_limits

async def story():
    async with RenderPool(16, cores=2) as workers:
        both = await asyncio.gather(workers.run(test_limits.echo, 1), workers.run(test_limits.echo, 2))
        print(*(process for _, process in both), flush=True)
        await workers.run(test_limits.match_for_ever)

if __name__ == "__main__":
    asyncio.run(story())
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_no_worker_outlives_who_wanted_its_work(tmp_path: Path, name: str) -> None:
    """If the command is killed while one document hangs and one worker is idle, none of its processes remains."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables) as running:
        assert running.stdout is not None
        workers = {int(number) for number in running.stdout.readline().split()}
        family = psutil.Process(running.pid).children(recursive=True)
        assert workers <= {process.pid for process in family}
        running.send_signal(signal.Signals[name])
        assert running.wait(30) != 0
    assert psutil.wait_procs(family, timeout=30)[1] == []
