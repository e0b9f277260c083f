"""Sanitizing of external text before it is used in sentences, HTML, or emails.

Names of organizations, stages, and brands are arbitrary. `clean` returns one line of text in which every character has
a glyph in the document's typefaces, so that no name can break a page, reverse the text beside it, or print as boxes.
"""

import re
import unicodedata
from functools import cache

from reporter.domain.report import ReportData, Revision
from reporter.rendering.typefaces import drawn

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Invisible characters outside category Cf: fillers, joiners, variation selectors, and non-characters."""

_REPLACEMENT = "?"
_JOINERS = "\u200c\u200d"
_ARABIC, _PICTURE = "[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff]", "[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
_JOINER = re.compile(
    f"((?<=\u094d)[{_JOINERS}](?=[\u0904-\u0939\u0958-\u0961])"
    f"|(?<={_ARABIC})\u200c(?={_ARABIC})|(?<={_PICTURE})\u200d(?={_PICTURE}))|[{_JOINERS}]"
)
"""A joiner or non-joiner; in the group if it is part of the spelling: in Hindi, in Persian, and in emoji."""


def clean(text: str, limit: int = 200) -> str:
    """Convert text to one line of at most `limit` drawable characters, in normal form C.

    Line breaks and controls become spaces, spaces collapse, invisible and reordering characters are removed, characters
    without a glyph become `?`, and text that is too long ends in an ellipsis.
    """
    line = _without_joiners("".join(each if each in _drawable() else _REPLACEMENT for each in _one_line(text)))
    return line if len(line) <= limit else line[: limit - 1].rstrip(f" {_JOINERS}") + "…"


def missing(text: str) -> str:
    """Characters that `clean` replaces, each once, in order of appearance, for a warning to the operator."""
    return "".join(dict.fromkeys(each for each in _one_line(text) if each not in _drawable()))


def missing_glyphs(data: ReportData) -> str:
    """Characters in external texts of a report that `clean` replaces, since no bundled font has them."""
    stages = data.current.sales.pipeline if data.current.sales else ()
    brand = data.settings.brand
    reason = data.stamp.reason if isinstance(data.stamp, Revision) else ""
    return missing(
        "".join((data.organization.name, *(each.name for each in stages), brand.name or "", brand.footer or "", reason))
    )


def _one_line(text: str) -> str:
    """The text on one line, without invisible characters."""
    visible = _without_joiners(_INVISIBLE.sub("", "".join(map(_visible, text))))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def _without_joiners(text: str) -> str:
    """The text without unneeded joiners, which would make different names look the same."""
    return _JOINER.sub(r"\1", text)


def _visible(character: str) -> str:
    """The character; a space for a control, nothing for format characters, surrogates, and non-characters."""
    if character in _JOINERS:
        return character
    match unicodedata.category(character):
        case "Cc":
            return " "
        case "Cf" | "Cs":
            return ""
        case _:
            return "" if ord(character) & 0xFFFE == 0xFFFE else character


@cache
def _drawable() -> frozenset[str]:
    """All characters that a typeface has, and the joiners, which affect how others are drawn."""
    spans = ((int(first, 16), int(last, 16)) for first, last in (span.split("-") for span in drawn().split()))
    return frozenset(chr(code) for first, last in spans for code in range(first, last + 1)) | set(_JOINERS)
