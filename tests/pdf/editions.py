"""The reports whose files are examined: every language there is a catalog for, with usual, no and hostile data."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from reporter.document.edition import Document, make_document
from reporter.document.pool import RenderPool
from reporter.errors import RenderError
from reporter.hyperrep.snapshot import Organization, Stage
from reporter.report import Brand, ReportData
from reporter.window import Period
from tests.golden.editions import Case
from tests.unit.archive.samples import LOGO
from tests.unit.document.words import TRANSLATED, spoken

LOCALES = ("en", *TRANSLATED)
CASES = {
    "typical": Case("Acme", Period.MONTH),
    "empty": Case("Not Yet Open", Period.WEEK),
    "hostile": Case("Odd Stage", Period.MONTH),
}
HOSTILE = "<b>&amp;</b> {{7*7}} \u202eevil\u202c \x00\x1b\ufffe\ud800 \U0001f600 ] ) \\ (" + "W" * 10_000
"""A name with all that a file could stumble over."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One report, by what its data is and what it is read in."""

    nature: str
    locale: str

    def __str__(self) -> str:
        return f"{self.nature}-{self.locale}"

    def data(self) -> ReportData:
        """What it is made from."""
        data = spoken(CASES[self.nature].data("en_US"), self.locale)
        if self.nature == "typical":
            return _branded(
                data, Brand(name="Acme Group", logo=LOGO, logo_type="svg", footer="Acme Group, 1 Main Street")
            )
        return _hostile(data) if self.nature == "hostile" else data


EDITIONS = tuple(Edition(nature, locale) for locale in LOCALES for nature in CASES)


def made(folder: Path) -> Mapping[Edition, Document | RenderError]:
    """Every edition's document, or what kept it from being made; the PDFs lie in `folder`, by the edition's name."""
    documents = dict(zip(EDITIONS, asyncio.run(_made([edition.data() for edition in EDITIONS])), strict=True))
    for edition, document in documents.items():
        if isinstance(document, Document):
            (folder / f"{edition}.pdf").write_bytes(document.pdf)
    return documents


async def _made(reports: Sequence[ReportData]) -> list[Document | RenderError]:
    async with RenderPool(len(reports)) as pool:

        async def attempt(data: ReportData) -> Document | RenderError:
            try:
                return await pool.run(make_document, data)
            except RenderError as error:
                return error

        return await asyncio.gather(*map(attempt, reports))


def _branded(data: ReportData, brand: Brand) -> ReportData:
    return replace(data, settings=replace(data.settings, brand=brand))


def _hostile(data: ReportData) -> ReportData:
    """The report with everything that others may name named so."""
    assert data.current.sales
    sales = replace(data.current.sales, pipeline=(*data.current.sales.pipeline, Stage(HOSTILE, None, 3, Decimal(1))))
    named = replace(data, organization=Organization("HR/<1>", HOSTILE), current=replace(data.current, sales=sales))
    return _branded(named, Brand(name=HOSTILE, logo=LOGO, logo_type="svg", footer=HOSTILE))
