"""Memory of a worker that renders many documents, as in a long run; it must stop growing."""

import asyncio
from dataclasses import dataclass

import psutil

from benchmarks.samples import Page, pages
from reporter.rendering.pdf import renderer
from reporter.rendering.worker import RenderPool


@dataclass(frozen=True, slots=True)
class Resident:
    """Megabytes resident after this many documents."""

    documents: int
    megabytes: float


def growth(documents: int, steps: int = 10) -> list[Resident]:
    """Resident memory of a pool's only worker, after the first document and after each of `steps` parts."""
    return asyncio.run(_growth(pages(documents), documents // steps))


async def _growth(made: list[Page], part: int) -> list[Resident]:
    seen = []
    async with RenderPool(len(made), cores=1) as pool:
        for number, page in enumerate(made, 1):
            megabytes = await pool.run(_resident_after, page)
            if number == 1 or number % part == 0:
                seen.append(Resident(number, megabytes))
    return seen


def _resident_after(page: Page) -> float:
    renderer().render(page.html, page.stylesheet)
    return float(psutil.Process().memory_info().rss) / 1e6
