"""Read numbers back from the text that recipients see, by each language's conventions, defined here independently.

Nothing from the software's own number formatting is used, so that the same error cannot be in both.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise

from reporter.analysis.metric import Unit
from tests.unit.rendering.words import plain

POINTED = frozenset({"en", "ar", "he", "hi", "ja", "ko", "zh"})
"""Languages with a decimal point and a comma between thousands; the others have a decimal comma."""
SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
LARGE = Decimal(10_000_000)
"""From here on, a number may be in millions, billions, or the language's own units."""
SCALES = range(4, 13)
"""The number of zeros of these words."""
SIZES = (86_400, 3_600, 60, 1)
"""Seconds in a day, an hour, a minute, and a second."""
_NOTHING = Decimal(0)
_NUMBER = r"(?P<sign>[+−]?)(?:%|[^\W\d]*\$[{spaces}]?)?(?P<number>\d+(?:[{group}]\d{{2,3}}(?!\d))*(?:{point}\d+)?)"


def visible(text: str) -> str:
    """The text without invisible marks."""
    return "".join(each for each in text if unicodedata.category(each) != "Cf")


def digits(text: str) -> list[str]:
    """The digits in a text."""
    return [each for each in text if each.isdecimal()]


def numbers_in(text: str, locale: str) -> list[Decimal]:
    """Every number in the text, in order, with its sign and the decimals shown."""
    point, group = (".", f",{SPACES}") if locale[:2] in POINTED else (",", f".{SPACES}")
    return list(_numbers(visible(text), point, group))


def _numbers(text: str, point: str, group: str) -> Iterator[Decimal]:
    for found in re.finditer(_NUMBER.format(spaces=SPACES, group=group, point=re.escape(point)), text):
        whole, _, decimals = found["number"].partition(point)
        number = Decimal(".".join(filter(None, ("".join(digits(whole)), decimals))))
        yield -number if found["sign"] == "−" else number


def says(text: str, locale: str, unit: Unit, *expected: Decimal, roundings: int = 1, of: Decimal = _NOTHING) -> bool:
    """Return whether these are the numbers of the text, in their order and unit.

    A difference of rounded numbers has two `roundings`; for durations, those of the longest one, which is `of`.
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
    """The numbers in this many groups, in every possible way."""
    for cuts in combinations(range(1, len(found)), count - 1):
        yield [found[start:end] for start, end in pairwise((0, *cuts, len(found)))]


def is_shown(shown: Decimal, number: Decimal, roundings: int = 1) -> bool:
    """Return whether the number, rounded to the digits shown, equals this one."""
    exponent = shown.as_tuple().exponent
    assert isinstance(exponent, int)
    off = Decimal(roundings).scaleb(exponent) / 2
    scales = (0, *SCALES) if abs(number) >= LARGE else (0,)
    return any(abs(shown - number.scaleb(-scale)) <= off for scale in scales)


def _is_time(shown: Sequence[Decimal], seconds: Decimal, roundings: int, longest: Decimal) -> bool:
    """Return whether the first number's units, with its sign for all, add up to this many seconds."""
    off = Decimal(1 if longest < 600 else 60 if longest < 86_400 else 3_600) * roundings / 2
    for sizes in (SIZES[start : start + len(shown)] for start in range(len(SIZES))):
        if len(sizes) == len(shown):
            amount = sum(abs(number) * size for number, size in zip(shown, sizes, strict=True))
            if abs((-amount if shown[0] < 0 else amount) - seconds) <= off:
                return True
    return False


def passed_over(text: str, parts: Sequence[str]) -> list[str]:
    """The text before each of these parts, which must occur in this order; all without spaces."""
    rest, passed = plain(visible(text)), []
    for part in filter(None, map(plain, map(visible, parts))):
        before, found, rest = rest.partition(part)
        assert found, f"{part} is not where it belongs, before {rest[:80]}"
        passed.append(before)
    return passed
