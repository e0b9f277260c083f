"""One report's PDF, beside the peers: other documents each time, everybody in turn, medians."""

from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.peers import BROWSERS, RENDERERS, chromium_path
from benchmarks.process import Contender, Cost, contender
from benchmarks.samples import pages

WARM = 4
"""Documents each contender makes before it is measured."""

BATCH = 4
"""Documents a contender makes when its turn comes."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a contender took in each round, and the megabytes it held at the end."""

    name: str
    costs: tuple[Cost, ...]
    memory: float

    @property
    def cpu(self) -> float:
        """Median milliseconds of CPU for a document, of the whole process tree."""
        return median(cost.cpu for cost in self.costs) * 1e3

    @property
    def wall(self) -> float:
        """Median milliseconds a document takes."""
        return median(cost.wall for cost in self.costs) * 1e3

    @property
    def kilobytes(self) -> float:
        """Median size of the PDF."""
        return median(cost.size for cost in self.costs) / 1e3

    def share_of(self, other: "Rendering") -> float:
        """This one's CPU as a share of the other's: the median of the rounds' ratios, which ran side by side."""
        return median(mine.cpu / theirs.cpu for mine, theirs in zip(self.costs, other.costs, strict=True))


def renderings(rounds: int) -> list[Rendering]:
    """Every contender's costs over as many rounds; the browsers are missing where there is no Chromium."""
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
