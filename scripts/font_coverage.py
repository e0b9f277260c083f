"""Write the tables of the characters that fonts draw: the program's own, and that of its extra for East Asia.

Reading the fonts themselves costs a run 80 milliseconds, a table none. Run it after a change of the fonts; a test
fails until that is done.
"""

import unicodedata
from itertools import groupby, pairwise
from pathlib import Path
from textwrap import wrap

from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
TABLES = (
    ROOT / "reporter" / "rendering" / "coverage.py",
    ROOT / "packages" / "hyperrep-report-cjk" / "hyperrep_report_cjk" / "coverage.py",
)
"""Each lies beside its folder `fonts`."""

HEADER = '''"""The characters that the fonts beside this draw, as code points. Written by scripts/font_coverage.py."""

RANGES = """
'''


def drawn(fonts: Path) -> list[int]:
    """The code points that a family draws in all its weights, ascending; without controls and private use."""
    families = groupby(sorted(fonts.glob("*.ttf")), lambda path: path.stem.rpartition("-")[0])
    covered = set[int]().union(*(set.intersection(*map(characters, weights)) for _, weights in families))
    return sorted(code for code in covered if unicodedata.category(chr(code))[0] != "C")


def characters(font: Path) -> set[int]:
    """The code points one font draws."""
    with TTFont(font, lazy=True) as opened:
        return set(opened.getBestCmap())


def ranges(codes: list[int]) -> list[str]:
    """The code points as `first-last` in hexadecimal."""
    firsts = [codes[0], *(code for before, code in pairwise(codes) if code != before + 1)]
    lasts = [*(before for before, code in pairwise(codes) if code != before + 1), codes[-1]]
    return [f"{first:x}-{last:x}" for first, last in zip(firsts, lasts, strict=True)]


def table(path: Path) -> str:
    """The module's text."""
    found = ranges(drawn(path.with_name("fonts")))
    return HEADER + "\n".join(wrap(" ".join(found), 118, break_on_hyphens=False)) + '\n"""\n'


if __name__ == "__main__":
    for path in TABLES:
        path.write_text(table(path), encoding="utf-8")
