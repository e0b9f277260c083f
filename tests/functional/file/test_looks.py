"""What every file looks like is the same to two renderers that share no code, so that it is the same to its readers."""

import subprocess
from pathlib import Path

import pypdfium2
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageFilter

from reporter.document.typefaces import folders

DPI = 60
MOST_SHARE = 0.001
"""Share of a page's points in which the renderers may differ visibly."""
VISIBLE = 96
"""Difference of a point's brightness, of 255, after smoothing: more than edges that are smoothed in another way."""


def test_poppler_and_pdfium_draw_the_same(path: Path, tmp_path: Path) -> None:
    """10: drawn by Poppler and by PDFium, a page differs in less than a thousandth of its points, and is not blank."""
    subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", str(path), str(tmp_path / "page")], check=True)
    with pypdfium2.PdfDocument(path) as pages:
        drawn = [page.render(scale=DPI / 72, grayscale=True).to_pil().convert("L") for page in pages]
    for number, (file, ours) in enumerate(zip(sorted(tmp_path.iterdir()), drawn, strict=True)):
        with Image.open(file) as theirs:
            pair = [each.resize(ours.size).filter(ImageFilter.GaussianBlur(1.5)) for each in (theirs, ours)]
        histogram = ImageChops.difference(*pair).histogram()
        assert sum(histogram[VISIBLE:]) <= MOST_SHARE * sum(histogram), number
        assert sum(ours.histogram()[:128]) > 0, number


def test_no_two_fonts_share_a_face() -> None:
    """8: each family, weight and style is one file, since of two WeasyPrint would draw the wrong letters."""
    faces = []
    for file in (file for folder in folders() for file in folder.glob("*.ttf")):
        with TTFont(file) as font:
            family = font["name"].getBestFamilyName()
            faces.append((family, font["OS/2"].usWeightClass, bool(font["post"].italicAngle)))
    assert len(set(faces)) == len(faces) >= 2
