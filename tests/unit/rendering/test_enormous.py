"""The length and number of names from outside is unlimited; the size of the document is not."""

import asyncio
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from reporter.domain.report import Brand, ReportData
from reporter.domain.snapshot import Organization, Sales, Snapshot, Stage
from reporter.domain.window import Period
from reporter.rendering.rendered_report import RenderedReport, make_document
from reporter.rendering.tables import MOST_STAGES
from reporter.rendering.worker import RenderPool
from tests.golden.editions import Case
from tests.pdf.tree import Tagged

ENDLESS = "W" * 10_000
MANY = 10_000


def enormous() -> ReportData:
    """Acme's April with endless names and ten thousand stages, all new."""
    data = Case("Acme", Period.MONTH).data("en_US")
    return replace(
        data,
        organization=Organization(data.organization.id, ENDLESS),
        settings=replace(data.settings, brand=Brand(name=ENDLESS, footer=ENDLESS)),
        current=staged(data.current, "now"),
        previous=staged(data.previous, "before"),
    )


def staged(snapshot: Snapshot, word: str) -> Snapshot:
    """The snapshot with stages that no other has, and more channels than fit on a page."""
    stages = (Stage(f"{word} {n} {ENDLESS[:200]}", f"{word} {n}", MANY - n, Decimal(10**12)) for n in range(MANY))
    channels = {"W" * (n % 4 * 9) + str(n): n for n in range(30)}
    return replace(
        snapshot, channels=channels, sales=Sales((*stages, Stage(ENDLESS, None, 1, Decimal(1))), Decimal("0.5"))
    )


@pytest.mark.slow
def test_an_enormous_organization_gets_an_ordinary_document(tmp_path: Path) -> None:
    """Names are truncated, and a note says that only the first stages are shown: few pages, and an unclipped email.

    No row is split at the end of a page.
    """

    async def made(data: ReportData) -> RenderedReport:
        async with RenderPool(1) as pool:
            return await pool.run(make_document, data)

    document = asyncio.run(made(enormous()))
    pages = PdfReader(io.BytesIO(document.pdf)).pages
    assert len(pages) <= 6
    assert f"{MOST_STAGES} of 20001 stages are shown" in " ".join(" ".join(p.extract_text() for p in pages).split())
    assert len(document.view.stages or ()) == MOST_STAGES
    (tmp_path / "report.pdf").write_bytes(document.pdf)
    rows = Tagged(tmp_path / "report.pdf").root.all("TR")
    assert [row for row in rows if not row.kids[0].pages] == []  # a row continued on the next page would have no name
    assert len(document.html.encode()) < 90_000
    assert max(map(len, (document.view.title, document.view.subject, document.view.filename))) < 300
