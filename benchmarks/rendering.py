"""Rendering of one report's PDF, compared with other renderers: in turn, with new documents, by medians."""

from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.peers import BROWSERS, RENDERERS, chromium_path
from benchmarks.process import Contender, Cost, contender
from benchmarks.samples import pages

WARM = 4
"""Documents that each renderer renders before the measurement."""

BATCH = 4
"""Documents that a renderer renders per round."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A renderer's cost in each round, and its memory at the end in MB."""

    name: str
    costs: tuple[Cost, ...]
    memory: float

    @property
    def cpu(self) -> float:
        """Median CPU time per document in milliseconds, over the whole process tree."""
        return median(cost.cpu for cost in self.costs) * 1e3

    @property
    def wall(self) -> float:
        """Median wall time per document in milliseconds."""
        return median(cost.wall for cost in self.costs) * 1e3

    @property
    def kilobytes(self) -> float:
        """Median size of the PDF in kB."""
        return median(cost.size for cost in self.costs) / 1e3

    def share_of(self, other: "Rendering") -> float:
        """This renderer's CPU time as a share of the other's: the median of the ratios of each round."""
        return median(mine.cpu / theirs.cpu for mine, theirs in zip(self.costs, other.costs, strict=True))


def renderings(rounds: int) -> list[Rendering]:
    """Measure every renderer over this many rounds; browsers are omitted without Chromium."""
    starts = RENDERERS | (BROWSERS if chromium_path() else {})
    warming, *batches = _batches(rounds)
    with ExitStack() as stack:
        contenders = {name: stack.enter_context(contender(start)) for name, start in starts.items()}
        for each in contenders.values():
            each.cost(warming)
        turns = [{name: each.cost(batch) for name, each in contenders.items()} for batch in batches]
        return [_rendering(name, each, turns) for name, each in contenders.items()]


def _batches(rounds: int) -> list[list[object]]:
    documents = list[object](pages(WARM + rounds * BATCH))
    return [documents[:WARM], *(documents[at : at + BATCH] for at in range(WARM, len(documents), BATCH))]


def _rendering(name: str, each: Contender, turns: list[dict[str, Cost]]) -> Rendering:
    return Rendering(name, tuple(turn[name] for turn in turns), each.memory())
