"""Right-to-left layout: numbers keep their order, names keep their direction, and pages and lines are mirrored."""

import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from reporter.domain.report import ReportData
from reporter.rendering.charts import WIDTH
from reporter.rendering.render import make_pdf, make_view
from reporter.rendering.translation import BEGIN, END
from tests.golden.editions import KEPT
from tests.unit.rendering.words import numbers, spoken, words

PAGE = 595
"""Width of an A4 page in points."""
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">(.*?)</word>')


def kept(text: str) -> str:
    """The text with brackets around what is isolated."""
    return text.replace(BEGIN, "[").replace(END, "]")


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("he_IL", ["[1,075]", "[−4.6%]", "[+64,195]\xa0[US$]", "[+2.3]\xa0נקודות", "[12.3M]"]),  # noqa: RUF001
        ("ar_EG", ["[١٬٠٧٥]", "[−٤٫٦٪]", "[+٦٤٬١٩٥]\xa0[US$]", "[+٢٫٣]\xa0نقطة", "[١٢٫٣]\xa0مليون"]),  # noqa: RUF001
        ("ar_AE", ["[1,075]", "[−4.6%]", "[+64,195]\xa0[US$]", "[+2.3]\xa0نقطة", "[12.3]\xa0مليون"]),
        ("en_US", ["1,075", "−4.6%", "+$64,195", "+2.3\xa0points", "12.3M"]),
    ],
)
def test_numbers_are_kept_in_order(locale: str, shown: list[str]) -> None:
    """In right-to-left text, a sign, its digits, and its percent sign stay together, in CLDR's digits."""
    written = numbers(locale, "USD")
    said = [
        written.count(1075),
        written.signed(written.percent(Decimal("0.046")), -1),
        written.signed(written.money(Decimal(64195)), 1),
        written.signed_points(Decimal("0.023")),
        written.count(12_345_678),
    ]
    assert [kept(text) for text in said] == shown


def test_dates_have_the_digits_of_the_numbers() -> None:
    """A locale with its own digits uses them for dates and times, and keeps a date of digits alone in order."""
    assert words("ar_EG").digits("4 مايو 2026") == "٤ مايو ٢٠٢٦"
    assert words("ar_AE").digits("4 مايو 2026") == "4 مايو 2026"
    assert kept(words("he_IL").in_order("2026-04-01")) == "[2026-\u200e04-\u200e01]"
    assert words("en_US").in_order("2026-04-01") == "2026-04-01"


def test_names_keep_their_direction() -> None:
    """A name in right-to-left text is isolated; an empty name stays empty."""
    assert words("he_IL").isolated("Acme Inc.") == "\u2068Acme Inc.\u2069"
    assert words("en_US").isolated("Acme Inc.") == "Acme Inc."
    assert words("he_IL").isolated("") == ""


def placed(data: ReportData, folder: Path) -> Iterator[tuple[str, float, float]]:
    """The words of the first page with the positions of their left edge and top."""
    file = folder / "page.pdf"
    file.write_bytes(make_pdf(data, make_view(data)))
    command = ["pdftotext", "-bbox", "-l", "1", str(file), "-"]
    read = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for left, top, _, word in WORD.findall(read):
        yield re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", word), float(left), float(top)


def test_the_page_is_mirrored(tmp_path: Path) -> None:
    """The first figure is rightmost, its number keeps its order, and the page number is on the left."""
    data = spoken(KEPT[0].data("he_IL"), "he_IL")
    found = list(placed(data, tmp_path))
    row = {
        word: left for word, left, top in found if abs(top - next(top for word, _, top in found if word == "461")) < 1
    }
    assert row["83%"] > row["35"] > row["461"]
    assert any(word.strip("(),") == "−4.6%" for word, _, _ in found)
    lowest = max(top for _, _, top in found)
    assert min((left, word) for word, left, top in found if abs(top - lowest) < 2)[1] in {"1", "1/2"}


def test_pages_are_numbered_in_the_digits_of_the_locale(tmp_path: Path) -> None:
    """In Egyptian Arabic the page number has Arabic digits; in Arabic of the Emirates it does not."""
    for locale in ("ar_EG", "ar_AE"):
        found = list(placed(spoken(KEPT[0].data(locale), locale), tmp_path))
        lowest = max(top for _, _, top in found)
        foot = "".join(word for word, left, top in found if lowest - top < 2 and left < PAGE / 4)
        assert set(foot) == {words(locale).digits(1), "/", words(locale).digits(2)}


def test_time_runs_from_right_to_left() -> None:
    """The newest value of a line, marked with the dot, is the leftmost."""
    lines = {locale: make_view(spoken(KEPT[0].data(locale), locale)).figures[0].line for locale in ("en_US", "he_IL")}
    places = {locale: float(re.findall(r'd="M([\d.]+) [\d.]+h0"', line)[0]) for locale, line in lines.items()}
    assert places["he_IL"] < WIDTH / 2 < places["en_US"]
