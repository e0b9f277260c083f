"""`sample_output/` is what the project renders today: a change to the output requires new samples."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.office import PROJECT, words
from tests.pdf.pictures import MOST_SHARE, difference, drawn_by_pdfium, drawn_by_poppler

pytestmark = pytest.mark.slow

SAMPLES = PROJECT / "sample_output"
NAMES = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())
PICTURES = ("email-390.png", "email-800.png", "page-1.png", "page-2.png")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples as the script writes them now, without pictures."""
    folder = tmp_path_factory.mktemp("samples")
    script = [sys.executable, str(PROJECT / "scripts" / "samples.py"), "--no-pictures", "--output", str(folder)]
    subprocess.run(script, check=True)
    return folder


def text(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [words(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_the_samples_are_those_of_the_script(made: Path) -> None:
    """There is a folder for each sample, with its files and pictures and nothing else."""
    assert sorted(path.name for path in made.iterdir()) == NAMES
    for name in NAMES:
        files = {path.name for path in (made / name).iterdir()}
        assert {path.name for path in (SAMPLES / name).iterdir()} == {*files, *PICTURES}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", ["report.json", "email.html", "email.txt"])
def test_data_and_mail_are_up_to_date(name: str, file: str, made: Path) -> None:
    """`python scripts/samples.py` writes the same bytes; run it when they are stale."""
    assert (made / name / file).read_bytes() == (SAMPLES / name / file).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_is_up_to_date(name: str, made: Path) -> None:
    """The PDF has the same text on as many pages; its bytes may differ with the system's libraries."""
    now, then = ((folder / name / "report.pdf").read_bytes() for folder in (made, SAMPLES))
    assert text(now) == text(then)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("draw", [drawn_by_poppler, drawn_by_pdfium], ids=["poppler", "pdfium"])
def test_the_pages_look_as_they_did(name: str, draw: Callable[[Path, int], list[Image.Image]], made: Path) -> None:
    """10: rendered by Poppler and PDFium, each page differs from the sample in less than a thousandth of its pixels."""
    now, then = (draw(folder / name / "report.pdf", 96) for folder in (made, SAMPLES))
    assert max(difference(*pair, blur=0) for pair in zip(then, now, strict=True)) <= MOST_SHARE


@pytest.mark.parametrize("name", NAMES)
def test_the_pictures_are_there(name: str) -> None:
    """Each picture is a PNG of nonzero size, one for each page and width."""
    for picture in PICTURES:
        content = (SAMPLES / name / picture).read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert len(content) > 10_000
