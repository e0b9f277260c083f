"""Text from outside: in a document it is one short line that the fonts can draw."""

import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.rendering.text import clean, missing
from scripts import font_coverage

ANYTHING = st.text(st.characters(codec=None), max_size=400)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme Roofing & Sons <b>GmbH</b>", "Acme Roofing & Sons <b>GmbH</b>"),
        (" two\r\nlines\tand\x00 more ", "two lines and more"),
        ("Cafe\u0301", "Café"),
        ("\u202eevil\u2066name\u2069", "evilname"),
        ("a\u200bb\ufeffc\u00add\ufe0fe", "abcde"),
        ("half\ud800 \ufffe\ufdd0pair", "half pair"),
        ("東京 Roofing 🔥", "東京 Roofing 🔥"),
        ("ไทย Roofing", "??? Roofing"),
        ("\x00\u200b \r\n", ""),
    ],
)
def test_names_become_plain(text: str, expected: str) -> None:
    """Control, bidirectional, invisible, and undrawable characters never reach a page; the rest is unchanged."""
    assert clean(text) == expected


def test_long_names_end_in_an_ellipsis() -> None:
    """The length is limited, and truncation is visible."""
    assert clean("x" * 300, 10) == "x" * 9 + "…"
    assert clean("x" * 10, 10) == "x" * 10
    assert clean("two words", 5) == "two…"


def test_what_was_replaced_is_told_once_each() -> None:
    """The characters that no font draws are reported in order, without repetition."""
    assert missing("ไท and ท 🔥\ufe0f") == "ไท"
    assert missing("Łódź – 20 % ▲ №") == ""


@given(ANYTHING, st.integers(1, 60))
def test_every_text_becomes_one_drawable_line(text: str, limit: int) -> None:
    """Any input gives a short, normalized, drawable line, and cleaning it again changes nothing."""
    line = clean(text, limit)
    assert len(line) <= limit
    assert unicodedata.is_normalized("NFC", line)
    assert line == " ".join(line.split())
    assert all(unicodedata.category(character)[0] != "C" for character in line)
    assert missing(line) == ""
    assert clean(line, limit) == line


@given(ANYTHING)
def test_a_text_is_changed_only_where_something_is_missing(text: str) -> None:
    """An added question mark stands for a character that `missing` reports."""
    assert missing(text) or clean(text, sys.maxsize).count("?") == unicodedata.normalize("NFC", text).count("?")


@pytest.mark.parametrize("table", font_coverage.TABLES, ids=lambda path: path.parts[-3])
def test_the_tables_of_drawable_characters_are_the_fonts_own(table: Path) -> None:
    """Each committed table matches the fonts beside it; if they change, its script must be run again."""
    assert table.read_text("utf-8") == font_coverage.table(table)
