"""The pages of a PDF as pictures, and how much two programs that draw them differ."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

DPI = 60
"""Points to the inch at which letters are told from each other, and no more of them."""
MOST_SHARE = 0.001
"""Share of a page's points that may differ visibly between two renderers, or between then and now."""
_VISIBLE = 64
"""Difference of a point's brightness, of 255, after smoothing: more than edges that are smoothed in another way."""


def drawn_by_poppler(path: Path, dpi: int = DPI) -> list[Image.Image]:
    """What Poppler draws of each page, in grey."""
    with TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", path, Path(folder, "page")], check=True)
        return [Image.open(file).convert("L") for file in sorted(Path(folder).iterdir())]


def drawn_by_pdfium(path: Path, dpi: int = DPI) -> list[Image.Image]:
    """What PDFium draws of each page, in grey."""
    with pypdfium2.PdfDocument(path) as pages:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in pages]


def difference(theirs: Image.Image, ours: Image.Image, blur: float = 1.5) -> float:
    """The share of the points that look different; blurred, to an eye which does not see how edges are smoothed."""
    pair = [each.resize(ours.size).filter(ImageFilter.GaussianBlur(blur)) for each in (theirs, ours)]
    histogram = ImageChops.difference(*pair).histogram()
    return sum(histogram[_VISIBLE:]) / sum(histogram)
