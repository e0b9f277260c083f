"""Rendering in parallel: an error in one worker affects no other document, and no process remains."""

import asyncio
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from pypdf import PdfReader

from reporter.domain.errors import RenderError, UsageError
from reporter.rendering.pdf import renderer
from reporter.rendering.typefaces import FAMILY
from reporter.rendering.worker import RenderPool, Worker
from reporter.rendering.worker_process import Limits

STYLE = f"html {{ font: 10pt '{FAMILY}' }}"


def document(number: int) -> bytes:
    """A small document that contains its number."""
    return renderer().render(f"<title>{number}</title><p>Report {number}</p>", STYLE)


def document_unless_killed(number: int, doomed: int) -> bytes:
    """The same as `document`, but one worker is killed during layout."""
    if number == doomed:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return document_without_end()
    return document(number)


def document_without_end() -> bytes:
    """A document that never completes."""
    while True:
        renderer().render("<title>x</title>" + "<p>x</p>" * 500, STYLE)


def refuse() -> None:
    """A function that raises its own error."""
    raise UsageError("not like this")


def process_id() -> int:
    """The id of the worker's process."""
    return os.getpid()


def text(pdf: bytes) -> str:
    """The text of the PDF."""
    return PdfReader(io.BytesIO(pdf)).pages[0].extract_text().strip()


async def documents(count: int, doomed: int = -1) -> list[bytes | BaseException]:
    """All documents rendered by one pool, with errors in their positions."""
    async with RenderPool(count, cores=2) as workers:
        runs = (workers.run(document_unless_killed, number, doomed) for number in range(count))
        return await asyncio.gather(*runs, return_exceptions=True)


def test_every_document_comes_back_to_who_asked_for_it() -> None:
    """Ten documents on two workers: each call returns its own, with the same bytes as rendered in this process."""
    made = asyncio.run(documents(10))
    assert made == [document(number) for number in range(10)]


def test_a_killed_worker_fails_its_document_alone() -> None:
    """A worker killed during layout fails its document with an error; the other nine are rendered."""
    made = asyncio.run(documents(10, doomed=4))
    assert isinstance(made[4], RenderError)
    assert "killed or ran out of memory" in str(made[4])
    assert [text(pdf) for pdf in made if isinstance(pdf, bytes)] == [f"Report {n}" for n in range(10) if n != 4]


@pytest.mark.slow
def test_a_worker_that_dies_idle_costs_no_document() -> None:
    """A worker killed between two documents is replaced before the next one."""

    async def story() -> tuple[str, set[int]]:
        async with RenderPool(16, cores=2) as workers:
            first = {await workers.run(process_id) for _ in range(4)}
            for process in multiprocessing.active_children():
                process.kill()
                process.join()
            await asyncio.sleep(0.2)  # the executors notice it in separate threads
            return text(await workers.run(document, 7)), first & {await workers.run(process_id)}

    assert asyncio.run(story()) == ("Report 7", set())


def test_a_single_document_is_made_elsewhere_too() -> None:
    """A single report has a separate process, so that it cannot hang or bloat this one."""

    async def story() -> tuple[int, bytes]:
        async with RenderPool(1) as workers:
            return await workers.run(process_id), await workers.run(document, 1)

    maker, made = asyncio.run(story())
    assert maker != os.getpid()
    assert made == document(1)


@pytest.mark.parametrize("reports", [1, 2])
def test_errors_keep_their_kind(reports: int) -> None:
    """The function's error is raised to the caller, with one worker or several, which continue."""

    async def story() -> bytes:
        async with RenderPool(reports, cores=2) as workers:
            with pytest.raises(UsageError, match="not like this"):
                await workers.run(refuse)
            return await workers.run(document, 3)

    assert text(asyncio.run(story())) == "Report 3"


def test_an_error_outside_stops_the_workers() -> None:
    """If an error ends the block, it does not wait for a document that never completes."""

    async def story() -> None:
        async with RenderPool(16, cores=2) as workers:
            endless = asyncio.create_task(workers.run(document_without_end))
            await workers.run(document, 1)
            endless.cancel()
            raise UsageError("enough")

    before = multiprocessing.active_children()  # a process that another test started early may be waiting
    with pytest.raises(UsageError, match="enough"):
        asyncio.run(story())
    assert set(multiprocessing.active_children()) <= set(before)


PROGRAM = """
import asyncio
from reporter.rendering.worker import RenderPool
from reporter.rendering.typefaces import FAMILY
from tests.unit.rendering import test_pool

async def story():
    async with RenderPool(16, cores=2) as workers:
        await workers.run(test_pool.process_id)
        print("ready", flush=True)
        await workers.run(test_pool.document_without_end)

if __name__ == "__main__":
    try:
        asyncio.run(story())
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.slow
def test_an_interrupt_leaves_nothing_running_and_nothing_said(tmp_path: Path) -> None:
    """Ctrl-C reaches the whole process group: busy and idle workers end silently, without a traceback."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    running = subprocess.Popen(
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=variables,
        start_new_session=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    family = psutil.Process(running.pid).children(recursive=True)
    os.killpg(running.pid, signal.SIGINT)
    assert running.communicate(timeout=30) == ("interrupted\n", "")
    deadline = time.monotonic() + 30
    while any(process.is_running() for process in family) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [process for process in family if process.is_running()] == []


@pytest.mark.slow
def test_a_worker_is_replaced_before_it_grows() -> None:
    """No process renders more than its share of documents, and its successor takes over without a gap."""

    async def processes() -> list[int]:
        async with RenderPool(2, cores=1, limits=Limits(documents=3)) as pool:
            return [await pool.run(process_id) for _ in range(7)]

    used = asyncio.run(processes())
    assert [used.count(process) for process in dict.fromkeys(used)] == [3, 3, 1]


def test_a_long_way_to_temporary_files_is_no_hindrance(tmp_path: Path) -> None:
    """If TMPDIR has 150 characters, too many for a socket's name, documents are rendered, and no file remains."""
    long = tmp_path / ("x" * 200)[: 150 - len(str(tmp_path)) - 1]
    long.mkdir()
    code = (
        "from tests.unit.rendering.test_pool import documents, text; import asyncio; print(asyncio.run(documents(1)))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(long), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert made.stdout.startswith("[b'%PDF")
    assert list(long.iterdir()) == []


def test_a_worker_that_is_stopped_before_its_first_document_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """A run that renders nothing prints no traceback of the process that was ready to render."""
    with Worker() as worker:
        process = worker._thread.submit(worker._ready).result()
        assert process._pipe.poll(60)
    assert capfd.readouterr().err == ""
