"""Every file looks the same in two renderers that share no code, and so to every person who reads it."""

from pathlib import Path

from fontTools.ttLib import TTFont

from reporter.rendering.typefaces import folders
from tests.pdf.pictures import MOST_SHARE, difference, drawn_by_pdfium, drawn_by_poppler


def test_poppler_and_pdfium_draw_the_same(path: Path) -> None:
    """10: a page rendered by Poppler and PDFium differs in less than a thousandth of its pixels, and is not blank."""
    for theirs, ours in zip(drawn_by_poppler(path), drawn_by_pdfium(path), strict=True):
        assert difference(theirs, ours) <= MOST_SHARE
        assert min(ours.tobytes()) < 128


def test_no_two_fonts_share_a_face() -> None:
    """8: each family, weight, and style is one file, since with two, WeasyPrint would draw the wrong letters."""
    faces = []
    for file in (file for folder in folders() for file in folder.glob("*.ttf")):
        with TTFont(file) as font:
            family = font["name"].getBestFamilyName()
            faces.append((family, font["OS/2"].usWeightClass, bool(font["post"].italicAngle)))
    assert len(set(faces)) == len(faces) >= 2
