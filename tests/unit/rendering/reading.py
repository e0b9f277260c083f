"""Numbers read back from what readers see, by the customs of each language, which are written down here once more.

Nothing of what the software writes numbers with is used, so that both cannot be wrong in the same way.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise

from reporter.analysis.metrics import Unit
from tests.unit.rendering.words import plain

POINTED = frozenset({"en", "ar", "he", "hi", "ja", "ko", "zh"})
"""Languages that put a point before the decimals and a comma between thousands; the others put a comma before them."""
SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
LARGE = Decimal(10_000_000)
"""From here on a number may stand in millions, billions, or what a language counts in."""
SCALES = range(4, 13)
"""Zeros of the words for these."""
SIZES = (86_400, 3_600, 60, 1)
"""Seconds of a day, an hour, a minute and a second."""
_NOTHING = Decimal(0)
_NUMBER = r"(?P<sign>[+−]?)(?:%|[^\W\d]*\$[{spaces}]?)?(?P<number>\d+(?:[{group}]\d{{2,3}}(?!\d))*(?:{point}\d+)?)"


def visible(text: str) -> str:
    """The text without marks that show nothing."""
    return "".join(each for each in text if unicodedata.category(each) != "Cf")


def digits(text: str) -> list[str]:
    """The digits in a text."""
    return [each for each in text if each.isdecimal()]


def numbers_in(text: str, locale: str) -> list[Decimal]:
    """Every number of the text, in order, with its sign and as many decimals as are shown."""
    point, group = (".", f",{SPACES}") if locale[:2] in POINTED else (",", f".{SPACES}")
    return list(_numbers(visible(text), point, group))


def _numbers(text: str, point: str, group: str) -> Iterator[Decimal]:
    for found in re.finditer(_NUMBER.format(spaces=SPACES, group=group, point=re.escape(point)), text):
        whole, _, decimals = found["number"].partition(point)
        number = Decimal(".".join(filter(None, ("".join(digits(whole)), decimals))))
        yield -number if found["sign"] == "−" else number


def says(text: str, locale: str, unit: Unit, *expected: Decimal, roundings: int = 1, of: Decimal = _NOTHING) -> bool:
    """Whether these are the numbers of the text, in their order and unit.

    A difference of rounded numbers has two `roundings`, of times those of the longest, which it is a difference `of`.
    """
    found = numbers_in(text, locale)
    if unit is Unit.DURATION:
        return any(
            all(
                _is_time(part, seconds, roundings, max(of, abs(seconds)))
                for part, seconds in zip(parts, expected, strict=True)
            )
            for parts in _split(found, len(expected))
        )
    wanted = [number * 100 if unit is Unit.RATE else number for number in expected]
    return len(found) == len(wanted) and all(
        is_shown(one, other, roundings) for one, other in zip(found, wanted, strict=True)
    )


def _split(found: Sequence[Decimal], count: int) -> Iterator[list[Sequence[Decimal]]]:
    """The numbers in so many groups, in every way."""
    for cuts in combinations(range(1, len(found)), count - 1):
        yield [found[start:end] for start, end in pairwise((0, *cuts, len(found)))]


def is_shown(shown: Decimal, number: Decimal, roundings: int = 1) -> bool:
    """Whether the number, rounded to the digits that are shown, is this one."""
    exponent = shown.as_tuple().exponent
    assert isinstance(exponent, int)
    off = Decimal(roundings).scaleb(exponent) / 2
    scales = (0, *SCALES) if abs(number) >= LARGE else (0,)
    return any(abs(shown - number.scaleb(-scale)) <= off for scale in scales)


def _is_time(shown: Sequence[Decimal], seconds: Decimal, roundings: int, longest: Decimal) -> bool:
    """Whether the first number's neighbouring units, with its sign for all, make so many seconds."""
    off = Decimal(1 if longest < 600 else 60 if longest < 86_400 else 3_600) * roundings / 2
    for sizes in (SIZES[start : start + len(shown)] for start in range(len(SIZES))):
        if len(sizes) == len(shown):
            amount = sum(abs(number) * size for number, size in zip(shown, sizes, strict=True))
            if abs((-amount if shown[0] < 0 else amount) - seconds) <= off:
                return True
    return False


def passed_over(text: str, parts: Sequence[str]) -> list[str]:
    """What stands before each of these parts, which the text must have in this order; all without spaces."""
    rest, passed = plain(visible(text)), []
    for part in filter(None, map(plain, map(visible, parts))):
        before, found, rest = rest.partition(part)
        assert found, f"{part} is not where it belongs, before {rest[:80]}"
        passed.append(before)
    return passed
