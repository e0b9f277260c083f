"""`hyperrep-report preview` as a program, from its first line to Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

LAST_LINE = "Ctrl-C ends it.\n"


@dataclass
class Preview:
    """A running preview: its address and, once it has ended, its output since it began and its exit code."""

    url: str
    process: subprocess.Popen[str]
    output: str = ""
    errors: str = ""
    exit_code: int | None = None

    def interrupt(self) -> None:
        """Press Ctrl-C and wait for the end."""
        self.process.send_signal(signal.SIGINT)
        self.output, self.errors = self.process.communicate(timeout=60)
        self.exit_code = self.process.returncode


@contextmanager
def preview(folder: Path, *options: str, environ: Mapping[str, str] | None = None) -> Iterator[Preview]:
    """A preview on a free port, started in `folder`, which runs until the block ends at the latest."""
    with started(folder, *options, environ=environ) as process:
        assert process.stdout
        introduction = "".join(takewhile(lambda line: line != LAST_LINE, process.stdout))
        found = re.match(r"Preview: (http://\S+)/\n", introduction)
        assert found, (introduction, process.communicate(timeout=60))
        running = Preview(found[1], process)
        yield running
        if process.poll() is None:
            running.interrupt()


@contextmanager
def started(folder: Path, *options: str, environ: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """The program as started, whether or not it comes to serve."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HYPERREP_")}
    with subprocess.Popen(
        [sys.executable, "-m", "reporter", "preview", "--port", "0", "--no-open", *options],
        cwd=folder,
        env={**kept, "PYTHONPATH": ":".join(sys.path), **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
