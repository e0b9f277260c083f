"""Write `reporter/document/coverage.py`: the characters that every bundled font draws.

Reading the fonts themselves costs a run 80 milliseconds, the table none. Run it after a change of the fonts; a test
fails until that is done.
"""

import unicodedata
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

from fontTools.ttLib import TTFont

DOCUMENT = Path(__file__).parent.parent / "reporter" / "document"
TABLE = DOCUMENT / "coverage.py"

HEADER = '''"""The characters every bundled font draws, as code points. Written by scripts/font_coverage.py."""

RANGES = """
'''


def drawn() -> list[int]:
    """The code points all fonts draw, ascending; those without an agreed meaning (controls, private use) left out."""
    covered = set.intersection(*(characters(path) for path in (DOCUMENT / "fonts").glob("*.ttf")))
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


def table() -> str:
    """The module's text."""
    return HEADER + "\n".join(wrap(" ".join(ranges(drawn())), 118, break_on_hyphens=False)) + '\n"""\n'


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
