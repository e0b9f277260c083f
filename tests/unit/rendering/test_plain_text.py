"""Plain text in columns and lines, in any script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.rendering.plain_text import columns, folded


def width(text: str) -> int:
    """The number of columns that the text takes in a fixed-width font."""
    marks = {"Mn", "Me", "Cf"}
    drawn = (each for each in text if unicodedata.category(each) not in marks)
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in drawn)


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ("Sales\t9\tup\nA\t10\tdown\n\n\t\tbefore", ["Sales   9  up", "A      10  down", "           before"]),
        ("売上\t9\tup\nRate\t10\tdown", ["売上   9  up", "Rate  10  down"]),
        ("Sales\t9\t" + "word " * 7, ["Sales  9  word word word word word", "          word word"]),
        ("S" * 30 + "\t9\tone two\n\t\tthree", ["S" * 30 + "  9", "  one two", "  three"]),
    ],
)  # fmt: skip
def test_cells_stand_below_each_other(rows: str, lines: list[str]) -> None:
    """Names are left-aligned, numbers right-aligned, and words left-aligned or, without room, on the next line."""
    assert columns(rows, 40 if len(rows) < 40 else 36).split("\n") == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("* one two three", ["* one two", "  three"]),
        ("one\n\ntwo", ["one", "", "two"]),
        ("1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567 of", ["1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567", "of"]),
        ("onlyonewordthatislong", ["onlyonewordthatislong"]),
        ("売上は増えました。以上", ["売上は増え", "ました。以", "上"]),
        ("a売上が伸び。x", ["a売上が伸", "び。x"]),
    ],
)
def test_lines_break_between_words(text: str, lines: list[str]) -> None:
    """A continued line is indented, no number is split, and no line begins with a period."""
    assert folded(text, 11).split("\n") == lines


@given(st.text(alphabet="ab 売上。、\N{COMBINING ACUTE ACCENT}", max_size=200), st.integers(10, 40))
def test_nothing_is_lost_by_a_break(text: str, most: int) -> None:
    """Any text keeps its characters and their order in lines that are not too long."""
    lines = folded(text, most).split("\n")
    assert "".join(text.split()) == "".join("".join(lines).split())
    assert all(width(line) <= most or " " not in line.strip() for line in lines)
