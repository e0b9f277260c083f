"""`python -m benchmarks`: run every measurement and print Markdown, of which the docs hold a copy."""

import argparse
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

import psutil

from benchmarks.commands import YARDSTICKS, cold_starts, medians, relative
from benchmarks.fleet import seconds
from benchmarks.memory import growth
from benchmarks.rendering import Rendering, renderings
from reporter.rendering.acceleration.guard import AccelerationStatus
from reporter.rendering.pdf import renderer
from reporter.rendering.worker import Worker


def main() -> None:
    """Run the benchmarks, and print each line as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: the order of things, not the figures")
    quick = parser.parse_args().quick
    print(f"{os.cpu_count()} cores, {round(psutil.virtual_memory().total / 1e9)} GB,", end=" ")
    print(f"{platform.system()} {platform.machine()},", end=" ")
    print(f"Python {platform.python_version()}.")
    print(acceleration())
    section("The two-page report as a PDF, warm", rendered(renderings(3 if quick else 15)))
    section("The command, cold", started(3 if quick else 11))
    section("Organizations end to end, on all cores", fleets((1, 10) if quick else (1, 10, 100), 1 if quick else 3))
    section("Memory of a worker, document after document", resident(50 if quick else 500))


def acceleration() -> str:
    """A sentence on whether the renderer is accelerated, since all figures depend on it."""
    with Worker() as worker:
        status = worker.run(_acceleration)
    return "WeasyPrint is accelerated." if status.is_active else f"WeasyPrint is not accelerated: {status.reason}."


def _acceleration() -> AccelerationStatus:
    return renderer().acceleration


def section(title: str, lines: Iterable[str]) -> None:
    """Print a heading and a table."""
    print(f"\n## {title}\n", flush=True)
    for line in lines:
        print(line, flush=True)


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def head(*cells: str) -> Iterator[str]:
    """The first two rows of a table: left-aligned names, right-aligned figures."""
    yield row(*cells)
    yield row("---", *("---:" for _ in cells[1:]))


def rendered(results: Sequence[Rendering]) -> Iterator[str]:
    """Table of renderers, with this project's CPU time as a share of each one's."""
    yield from head("renderer", "CPU ms", "wall ms", "KB", "memory MB", "our CPU / its CPU")
    for each in results:
        share = f"{results[0].share_of(each):.2f}"
        yield row(
            each.name, f"{each.cpu:.0f}", f"{each.wall:.0f}", f"{each.kilobytes:.0f}", f"{each.memory:.0f}", share
        )


def started(rounds: int) -> Iterator[str]:
    """Table of cold starts in fresh processes."""
    yield from head("command", "wall s", "CPU s", "most memory MB", "wall / the row above")
    runs = cold_starts(rounds)
    for name, each in runs.items():
        middle = medians(each)
        ratio = f"{relative(runs, name):.2f}" if name in YARDSTICKS else ""
        yield row(name, f"{middle.wall:.2f}", f"{middle.cpu:.2f}", f"{middle.memory:.0f}", ratio)


def fleets(counts: Sequence[int], rounds: int) -> Iterator[str]:
    """Table of run times from the first request to the last email built."""
    yield from head(
        "organizations", "wall s, first report", "reports a second", "wall s, next month's", "reports a second"
    )
    for count in counts:
        first, following = zip(*(seconds(count) for _ in range(rounds)), strict=True)
        walls = median(first), median(following)
        yield row(str(count), *(cell for wall in walls for cell in (f"{wall:.1f}", f"{count / wall:.1f}")))


def resident(documents: int) -> Iterator[str]:
    """Table of the memory of a worker after more and more documents."""
    yield from head("documents made", "resident MB")
    for each in growth(documents):
        yield row(str(each.documents), f"{each.megabytes:.0f}")


if __name__ == "__main__":
    main()
