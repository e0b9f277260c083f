"""Numbers among words that run from right to left, and digits other than 0 to 9: as CLDR says for a locale.

Such words reorder what is beside a number: +8 would read 8+, and 4.6% would turn around. So a number stands between
marks that keep its own order whatever surrounds it (UAX 9, isolates), in a document as in a mail.
"""

import re

from babel import Locale

_LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"
BEGIN, END = f"\N{LEFT-TO-RIGHT ISOLATE}{_LEFT_TO_RIGHT}", "\N{POP DIRECTIONAL ISOLATE}"
"""The mark within is for FriBidi, which otherwise takes the isolate before for what stands before the sign."""
_FIRST_STRONG = "\N{FIRST STRONG ISOLATE}"
_WEAKER = dict.fromkeys(map(ord, f"{_LEFT_TO_RIGHT}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}"))
"""The marks that CLDR puts into its patterns for the same end: an isolate leaves nothing for them to do."""
_DIGITS = {"arab": str.maketrans("0123456789%", "٠١٢٣٤٥٦٧٨٩٪")}
"""The digits of a numbering system, by its name; one that is not here writes 0 to 9."""
_KEPT = re.compile(r"\d(?:[\d.,\u066b\u066c]*\d)?(?:\s?[%٪]|[A-Za-z]+)?|[A-Za-z]+[^\w\s]?")
"""A number with its percent sign or the letter of its millions, and a currency in Latin letters: 4.6%, 12M, US$."""
_BETWEEN_PARTS = re.compile(r"(?<=[-\s])")


def native(text: str, locale: Locale) -> str:
    """The text with its digits as the locale writes them."""
    return text.translate(_DIGITS.get(locale.default_numbering_system, {}))


def isolated(text: str) -> str:
    """A number as it was formatted for a locale from right to left, with its parts kept in their own order."""
    return _KEPT.sub(rf"{BEGIN}\g<0>{END}", text.translate(_WEAKER))


def signed(text: str, sign: str) -> str:
    """A number with a sign, which is kept where the number is."""
    return f"{BEGIN}{sign}{text.removeprefix(BEGIN)}" if text.startswith(BEGIN) else f"{sign}{text}"


def in_order(text: str) -> str:
    """Numbers with signs or spaces between them, such as 2026-04-01 00:00, in the order in which they are written."""
    return f"{BEGIN}{_BETWEEN_PARTS.sub(_LEFT_TO_RIGHT, text)}{END}"


def apart(text: str) -> str:
    """A text that runs in the direction of its own first letter, whatever surrounds it."""
    return f"{_FIRST_STRONG}{text}{END}"
