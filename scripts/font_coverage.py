"""Write the tables of characters in the fonts: those of the package, and those of its extra for East Asia.

Reading the fonts at run time would cost 80 milliseconds per run. Run this script after changing the fonts; a test
fails until then.
"""

import unicodedata
from itertools import groupby, pairwise
from pathlib import Path
from textwrap import wrap

from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
TABLES = (
    ROOT / "reporter" / "rendering" / "fonts" / "coverage.txt",
    ROOT / "packages" / "hyperrep-report-cjk" / "hyperrep_report_cjk" / "fonts" / "coverage.txt",
)
"""The tables, each beside its fonts."""


def drawn(fonts: Path) -> list[int]:
    """The code points in all weights of a family, ascending, without control and private-use characters."""
    families = groupby(sorted(fonts.glob("*.ttf")), lambda path: path.stem.rpartition("-")[0])
    covered = set[int]().union(*(set.intersection(*map(characters, weights)) for _, weights in families))
    return sorted(code for code in covered if unicodedata.category(chr(code))[0] != "C")


def characters(font: Path) -> set[int]:
    """The code points of one font."""
    with TTFont(font, lazy=True) as opened:
        return set(opened.getBestCmap())


def ranges(codes: list[int]) -> list[str]:
    """The code points as `first-last` in hexadecimal."""
    firsts = [codes[0], *(code for before, code in pairwise(codes) if code != before + 1)]
    lasts = [*(before for before, code in pairwise(codes) if code != before + 1), codes[-1]]
    return [f"{first:x}-{last:x}" for first, last in zip(firsts, lasts, strict=True)]


def table(path: Path) -> str:
    """The text of the table: ranges of code points."""
    return "\n".join(wrap(" ".join(ranges(drawn(path.parent))), 118, break_on_hyphens=False)) + "\n"


if __name__ == "__main__":
    for path in TABLES:
        path.write_text(table(path), encoding="utf-8")
