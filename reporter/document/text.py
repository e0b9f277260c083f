"""Where text that others wrote enters a document: made plain, short and drawable, before wording, HTML or mail see it.

Organizations, stages and brands may be named anything. What comes out of `clean` is one line of text in which every
character has a glyph in the bundled fonts, so that no name can break a page, reverse its neighbours or print as a box.
"""

import re
import unicodedata
from functools import cache

from reporter.document.coverage import RANGES

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters outside the category of formats that are drawn as nothing: fillers, joiners, variation selectors."""

_DROPPED = {"Cf", "Cs"}
"""Formats (bidirectional controls, zero-width spaces, tags) and halves of surrogate pairs."""


def clean(text: str, limit: int = 200, fallback: str = "") -> str:
    """One line of at most `limit` drawable characters, in normal form C.

    Line breaks and controls become spaces, spaces collapse, invisible and reordering characters go, what the fonts
    cannot draw becomes `?`, and what is too long ends in an ellipsis. Nothing left: `fallback` as it was given.
    """
    line = _undrawn().sub(_replacement(), _plain(text))
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line or fallback


def missing(text: str) -> str:
    """The characters that `clean` replaces, each once, in order of appearance: what an operator is warned of."""
    return "".join(dict.fromkeys(_undrawn().findall(_plain(text))))


def _plain(text: str) -> str:
    """The text on one line, without what is not to be seen."""
    visible = _INVISIBLE.sub("", "".join(map(_visible, text)))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return (
        ""
        if category in _DROPPED or ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
        else character
    )


@cache
def _undrawn() -> re.Pattern[str]:
    """What no bundled font draws."""
    spans = (tuple(chr(int(code, 16)) for code in span.split("-")) for span in RANGES.split())
    return re.compile("[^" + "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in spans) + "]")


@cache
def _replacement() -> str:
    """The sign for "a character stood here": the replacement character where the fonts have it."""
    return "?" if _undrawn().match("\ufffd") else "\ufffd"
