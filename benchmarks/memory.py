"""Memory of one process that makes document after document: it must come to rest."""

from dataclasses import dataclass

from benchmarks.peers import ours
from benchmarks.process import contender
from benchmarks.samples import pages


@dataclass(frozen=True, slots=True)
class Resident:
    """Megabytes resident after this many documents."""

    documents: int
    megabytes: float


def growth(documents: int, steps: int = 5) -> list[Resident]:
    """What is resident after the first document and after each further part of them all."""
    made = list[object](pages(documents))
    part = documents // steps
    with contender(ours) as process:
        process.cost(made[:1])
        seen = [Resident(1, process.resident())]
        for start in range(0, documents, part):
            process.cost(made[start : start + part])
            seen.append(Resident(start + part, process.resident()))
        return seen
