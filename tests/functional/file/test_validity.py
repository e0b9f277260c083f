"""Every file is valid PDF/A-3a and PDF/UA-1 by three validators, and opens without errors in four PDF libraries.

The numbers are those of the acceptance tests that the file was designed by.
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import outloud
import page as page_validation
import pypdfium2
import pytest

from reporter.rendering.rendered_report import RenderedReport
from tests.daemons import give_up
from tests.functional.file.conftest import Library
from tests.pdf import vera
from tests.pdf.editions import Edition
from tests.pdf.tree import Tagged

NOT_ASKED = frozenset({"FIG-012", "LNK-010", "TXT-004"})
"""A chart's text must state its numbers, a name need not be a link, and an Arabic letter has many shapes."""

NOT_ASKED_OF = {"crowded": frozenset({"TAG-002", "PAG-001"})}
"""A head repeated on the next page is not text there, however many words it has; and rows with similar names that
begin pages are not a running header."""


@pytest.fixture(scope="module")
def verdicts(library: Library) -> Mapping[tuple[str, str], list[str]]:
    """VeraPDF's verdict on every file."""
    if reason := vera.lacking():
        give_up(f"veraPDF cannot run: {reason}")
    return vera.verdicts(library.every_path())


@pytest.mark.slow
@pytest.mark.parametrize("profile", vera.PROFILES)
def test_the_authority_finds_nothing(path: Path, profile: str, verdicts: Mapping[tuple[str, str], list[str]]) -> None:
    """1, 2: veraPDF reports no violation of PDF/A-3a or PDF/UA-1."""
    assert verdicts[str(path), profile] == []


@pytest.mark.parametrize("profile", vera.PROFILES)
def test_a_second_validator_agrees(path: Path, profile: str) -> None:
    """3: page-validation, an independent validator, reports nothing either."""
    verdict = page_validation.validate_pdf(str(path), profile=profile)
    assert [failure.rule_id for failure in verdict.failures] == []
    assert verdict.is_compliant


def test_nobody_who_listens_is_warned_of_anything(edition: Edition, path: Path) -> None:
    """3: outloud, which also checks what no standard requires, reports neither errors nor warnings."""
    result = outloud.check(str(path), skip=NOT_ASKED | NOT_ASKED_OF.get(edition.nature, frozenset()))
    assert result.error is None
    assert [str(finding) for finding in result.findings if finding.severity in {"error", "warning"}] == []


def test_every_reader_opens_it(path: Path) -> None:
    """4: qpdf issues no warning; Poppler, MuPDF, and PDFium open the file and count the same pages."""
    run("qpdf", "--check", path)
    poppler = next(line for line in run("pdfinfo", path).splitlines() if line.startswith("Pages:"))
    mupdf = run("mutool", "show", path, "trailer/Root/Pages/Count").split()[-1]
    with pypdfium2.PdfDocument(path) as pdfium:
        assert {int(poppler.split()[1]), int(mupdf)} == {len(pdfium)}


def test_nothing_was_warned_of_as_it_was_made(document: RenderedReport) -> None:
    """6: WeasyPrint issued no warning, which would have prevented the document, and the claim is present."""
    assert b"<pdfuaid:part>1</pdfuaid:part>" in document.pdf


def test_fonts_are_ours_and_embedded(path: Path) -> None:
    """7: every font is embedded, encoded by glyph number, and from the bundle."""
    rows = [line.split() for line in run("pdffonts", path).splitlines()[2:]]
    assert rows
    for name, *facts in rows:
        assert name.split("+")[1].startswith("HR-"), name
        assert facts[:2] in (["CID", "TrueType"], ["CID", "Type"]), facts
        assert facts[facts.index("Identity-H") :][:4] == ["Identity-H", "yes", "yes", "yes"]


def test_a_small_file_without_pictures_made_of_dots(edition: Edition, document: RenderedReport, path: Path) -> None:
    """22: at most 300 kB, or 600 kB with Chinese, Japanese, or Korean; charts and logo are vector graphics."""
    most = 600_000 if edition.locale[:2] in {"ja", "ko", "zh"} else 300_000
    assert len(document.pdf) <= most
    assert len(run("pdfimages", "-list", path).splitlines()) == 2


def test_nothing_in_it_acts(path: Path, tagged: Tagged) -> None:
    """25: no script, form, launch action, encryption, or link."""
    assert not any(page.get("/Annots") for page in tagged.pdf.pages)
    facts = dict(line.split(":", 1) for line in run("pdfinfo", path).splitlines())
    assert {facts[name].strip() for name in ("JavaScript", "Encrypted")} == {"no"}
    assert facts["Form"].strip() == "none"
    objects = run("qpdf", "--qdf", "--object-streams=disable", path, "-", encoding="latin-1")
    assert not any(name in objects for name in ("/Launch", "/OpenAction", "/JavaScript", "/AcroForm", "/URI"))


def run(program: str, *arguments: object, encoding: str = "utf-8") -> str:
    """The output of a program, which must succeed."""
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, encoding=encoding, errors="replace")
    assert done.stderr == ""
    return done.stdout
