"""Numbers in right-to-left text, and digits other than 0 to 9, according to CLDR.

Right-to-left text reorders what is beside a number: +8 would become 8+, and 4.6% would be reversed. So numbers are
enclosed in marks that keep their order (isolates, UAX 9), in documents and in emails.
"""

import re

from babel import Locale

_LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"
BEGIN, END = f"\N{LEFT-TO-RIGHT ISOLATE}{_LEFT_TO_RIGHT}", "\N{POP DIRECTIONAL ISOLATE}"
"""The inner mark is for FriBidi, which otherwise treats the isolate as the character before the sign."""
_FIRST_STRONG = "\N{FIRST STRONG ISOLATE}"
_WEAKER = dict.fromkeys(map(ord, f"{_LEFT_TO_RIGHT}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}"))
"""Marks in CLDR's patterns for the same purpose, which isolates make unnecessary."""
_DIGITS = {"arab": str.maketrans("0123456789%", "٠١٢٣٤٥٦٧٨٩٪")}
"""Digits and percent sign by numbering system; all others use 0 to 9."""
_KEPT = re.compile(r"\d(?:[\d.,\u066b\u066c]*\d)?(?:\s?[%٪]|[A-Za-z]+)?|[A-Za-z]+[^\w\s]?")
"""A number with its percent sign or suffix, or a currency in Latin letters: 4.6%, 12M, US$."""
_BETWEEN_PARTS = re.compile(r"(?<=[-\s])")


def native(text: str, locale: Locale) -> str:
    """The text with the locale's digits."""
    return text.translate(_DIGITS.get(locale.default_numbering_system, {}))


def isolated(text: str) -> str:
    """A number formatted for a right-to-left locale, with each part isolated to keep its order."""
    return _KEPT.sub(rf"{BEGIN}\g<0>{END}", text.translate(_WEAKER))


def signed(text: str, sign: str) -> str:
    """A number with a sign, placed inside the isolate if there is one."""
    return f"{BEGIN}{sign}{text.removeprefix(BEGIN)}" if text.startswith(BEGIN) else f"{sign}{text}"


def in_order(text: str) -> str:
    """Numbers separated by hyphens or spaces, such as 2026-04-01 00:00, isolated to keep their order."""
    return f"{BEGIN}{_BETWEEN_PARTS.sub(_LEFT_TO_RIGHT, text)}{END}"


def apart(text: str) -> str:
    """A text isolated in the direction of its first strong character."""
    return f"{_FIRST_STRONG}{text}{END}"
