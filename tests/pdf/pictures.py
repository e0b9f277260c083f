"""Render the pages of a PDF as images, and measure how much two renderings differ."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

DPI = 60
"""Resolution in dots per inch: just enough to distinguish letters."""
MOST_SHARE = 0.001
"""Share of a page's pixels that may differ visibly between two renderers or two points in time."""
_VISIBLE = 64
"""Difference in a pixel's brightness, 0–255, after blurring: larger than a difference in antialiasing."""


def drawn_by_poppler(path: Path, dpi: int = DPI) -> list[Image.Image]:
    """Each page as rendered by Poppler, in grayscale."""
    with TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", path, Path(folder, "page")], check=True)
        return [Image.open(file).convert("L") for file in sorted(Path(folder).iterdir())]


def drawn_by_pdfium(path: Path, dpi: int = DPI) -> list[Image.Image]:
    """Each page as rendered by PDFium, in grayscale."""
    with pypdfium2.PdfDocument(path) as pages:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for page in pages]


def difference(theirs: Image.Image, ours: Image.Image, blur: float = 1.5) -> float:
    """The share of pixels that differ visibly, after blurring so that differences in antialiasing do not count."""
    pair = [each.resize(ours.size).filter(ImageFilter.GaussianBlur(blur)) for each in (theirs, ours)]
    histogram = ImageChops.difference(*pair).histogram()
    return sum(histogram[_VISIBLE:]) / sum(histogram)
