"""The command as a shell or cron sees it: how long from Enter to the prompt, how much memory at the most."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

BARE = "import click; click.command()(lambda: None)(['--help'])"
"""The least a click program can do."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds of wall time and CPU, megabytes resident at the most (of its largest process)."""

    wall: float
    cpu: float
    memory: float


def cold_starts(rounds: int) -> dict[str, list[Run]]:
    """`--help` beside a bare click program, and the whole `--demo`, everybody in turn, each run a fresh process."""
    program = [sys.executable, "-m", "reporter"]
    runs: dict[str, list[Run]] = {"bare click program, --help": [], "--help": [], "--demo": []}
    for _ in range(rounds):
        runs["bare click program, --help"].append(run([sys.executable, "-c", BARE]))
        runs["--help"].append(run([*program, "--help"]))
        with TemporaryDirectory() as folder:
            runs["--demo"].append(run([*program, "--demo", "--output", folder]))
    return runs


def medians(runs: Sequence[Run]) -> Run:
    """The median of each figure; of memory the largest."""
    return Run(median(each.wall for each in runs), median(each.cpu for each in runs), max(each.memory for each in runs))


def run(command: Sequence[str]) -> Run:
    """One run, from its start to its end. Raises CalledProcessError when it fails."""
    variables = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=variables) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(wall, used.ru_utime + used.ru_stime, _megabytes(used))


def _megabytes(used: resource.struct_rusage) -> float:
    """Linux counts kilobytes, macOS bytes."""
    return used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
