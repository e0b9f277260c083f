"""Cold starts of the command, as from a shell or cron: wall time, CPU time, and peak memory."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

BARE = "import click; click.command()(lambda: None)(['--help'])"
"""A minimal click program."""

ENGINE = "import weasyprint"
"""A minimal program with the same PDF engine."""

YARDSTICKS = {"--help": "bare click program, --help", "--demo": "python -c 'import weasyprint'"}
"""The baseline of each command."""

_STARTER = """
import os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A small launcher, since the peak memory of a process starts at that of its parent."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: wall and CPU time in seconds, peak resident memory of its largest process in MB."""

    wall: float
    cpu: float
    memory: float


def cold_starts(rounds: int) -> dict[str, list[Run]]:
    """Measure `--help`, `--demo`, and their baselines in turn, each run in a fresh process.

    The first round compiles the bytecode and is not counted.
    """
    program = [sys.executable, "-m", "reporter"]
    runs: dict[str, list[Run]] = {name: [] for pair in YARDSTICKS.items() for name in reversed(pair)}
    for _ in range(1 + rounds):
        runs[YARDSTICKS["--help"]].append(run([sys.executable, "-c", BARE]))
        runs["--help"].append(run([*program, "--help"]))
        runs[YARDSTICKS["--demo"]].append(run([sys.executable, "-c", ENGINE]))
        with TemporaryDirectory() as folder:
            runs["--demo"].append(run([*program, "--demo", "--output", folder]))
    return {name: each[1:] for name, each in runs.items()}


def relative(runs: Mapping[str, Sequence[Run]], name: str) -> float:
    """Wall time of a command as a multiple of its baseline's: the median of the rounds' ratios."""
    pairs = zip(runs[name], runs[YARDSTICKS[name]], strict=True)
    return median(mine.wall / theirs.wall for mine, theirs in pairs)


def medians(runs: Sequence[Run]) -> Run:
    """The median of each figure, and the maximum of memory."""
    return Run(median(each.wall for each in runs), median(each.cpu for each in runs), max(each.memory for each in runs))


def run(command: Sequence[str]) -> Run:
    """Measure one run. Raises CalledProcessError if it fails."""
    variables = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    starter = [sys.executable, "-I", "-S", "-c", _STARTER, *command]
    done = subprocess.run(starter, check=True, capture_output=True, text=True, env=variables)
    wall, cpu, most = map(float, done.stdout.split())
    return Run(wall, cpu, most / (1e6 if sys.platform == "darwin" else 1e3))  # Linux counts kilobytes, macOS bytes
