"""The words of a PDF: the text on the page, and the text that each PDF viewer lets a person copy."""

import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2

_DIRECTIONS = dict.fromkeys(
    map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u00ad\u034f\u200b")
)
SHAPED = frozenset({"ar", "he", "hi"})
"""Languages whose letters a PDF viewer may reorder or reshape."""
_LEAST_SHARE = 0.95
"""Share of such a language's letters that must be found."""


class _Texts(HTMLParser):
    """Collect the texts between the tags of a page's body."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._is_shown = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_shown = (self._is_shown or tag == "body") and tag != "title"

    def handle_endtag(self, tag: str) -> None:
        self._is_shown = self._is_shown or tag == "title"

    def handle_data(self, data: str) -> None:
        if self._is_shown and data.strip():
            self.texts.append(data)


def texts_of(html: str) -> list[str]:
    """Every text of the page."""
    parser = _Texts()
    parser.feed(html.partition("</head>")[2])
    return parser.texts


def undirected(text: str) -> str:
    """The text without direction marks and other characters that are neither visible nor searchable."""
    return text.translate(_DIRECTIONS)


def squeezed(text: object) -> str:
    """The text in one normalization form, without spaces and direction marks."""
    return "".join(undirected(unicodedata.normalize("NFKC", str(text))).split())


def missing(texts: Iterable[str], found: str, locale: str) -> list[str]:
    """The texts that were not found; for scripts that shape letters, all of them if too many letters are missing."""
    wanted, found = [squeezed(text) for text in texts], squeezed(found)
    if locale not in SHAPED:
        return [text for text in wanted if text not in found]
    letters = Counter("".join(wanted))
    return [] if (letters & Counter(found)).total() >= _LEAST_SHARE * letters.total() else wanted


def poppler(path: Path) -> str:
    """The text that Poppler extracts."""
    return subprocess.run(["pdftotext", "-raw", path, "-"], check=True, capture_output=True, text=True).stdout


def mupdf(path: Path) -> str:
    """The text that MuPDF extracts."""
    return subprocess.run(
        ["mutool", "draw", "-q", "-F", "txt", path], check=True, capture_output=True, text=True
    ).stdout


def pdfium(path: Path) -> str:
    """The text that PDFium, and so Chrome, extracts; it treats a hyphen at the end of a line as hyphenation."""
    with pypdfium2.PdfDocument(path) as pages:
        return "".join(page.get_textpage().get_text_range() for page in pages).replace("\ufffe", "-")
