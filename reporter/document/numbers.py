"""Numbers as the reader's locale writes them (CLDR, through Babel): shares, points, counts, money, time.

Every function gives finished text. A value is rounded here and nowhere else, and never to more digits than the data
carries: the API rounds its rates to whole percents, so a rate of 0.74 is "74 %".
"""

from copy import copy
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from babel import Locale
from babel.numbers import (
    format_decimal,
    format_percent,
    get_currency_precision,
    get_currency_symbol,
    get_territory_currencies,
)
from babel.units import format_unit

from reporter.analysis.metrics import Unit
from reporter.document.wording import Words

MINUS = "\N{MINUS SIGN}"
WHOLE_AMOUNTS_FROM = Decimal(1000)
"""Amounts from here on are shown without the minor unit: a reader compares thousands, not cents."""
MINUTES_FROM = Decimal(600)
"""Seconds from which a span is shown in minutes: nobody acts on the seconds of half an hour."""
_WORLD_ENGLISH = Locale("en", "001")
_TIME_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Numbers:
    """The number formats of one report: its words (and locale) and its currency, if it has one."""

    words: Words
    currency: str | None

    @property
    def locale(self) -> Locale:
        """The locale numbers are written in."""
        return self.words.locale

    def value(self, unit: Unit, value: Decimal) -> str:
        """The value of a metric of this unit."""
        match unit:
            case Unit.RATE:
                return self.rate(value)
            case Unit.DURATION:
                return self.duration(value)
            case Unit.COUNT:
                return self.count(value)
            case Unit.MONEY:
                return self.money(value)

    def difference(self, unit: Unit, amount: Decimal, largest: Decimal) -> str:
        """The size of a difference, as coarse as the larger of the two values is shown."""
        match unit:
            case Unit.DURATION:
                return self.duration(amount, largest)
            case Unit.MONEY:
                return self.money(amount, largest)
            case _:
                return self.value(unit, amount)

    def count(self, value: Decimal | int) -> str:
        """A whole number, or a per-day figure with one digit after the point."""
        return format_decimal(_rounded(Decimal(value), 1), locale=self.locale)

    def rate(self, value: Decimal) -> str:
        """A share (0 to 1) in percent, with at most one digit after the point."""
        return self._percent(value, min(1, max(0, _digits(value) - 2)))

    def percent(self, value: Decimal) -> str:
        """A relative change (a fraction) in percent: whole from 10 % on, one digit below."""
        return self._percent(value, 0 if abs(value) >= Decimal("0.0995") else 1)

    def points(self, value: Decimal) -> str:
        """A difference of shares (a fraction) in percentage points, with at most one digit after the point."""
        rounded = _rounded(value * 100, 1)
        shown = format_decimal(rounded, locale=self.locale)
        return self.words.plural("%(points)s point", "%(points)s points", 1 if rounded == 1 else 2, points=shown)

    def duration(self, seconds: Decimal, largest: Decimal | None = None) -> str:
        """A span in its two largest units, e.g. "1 h 5 min"; without seconds where `largest` has ten minutes."""
        step = 60 if max(seconds, largest or seconds) >= MINUTES_FROM else 1
        left = int((seconds / step).to_integral_value(ROUND_HALF_UP)) * step
        first = next((index for index, (size, _) in enumerate(_TIME_UNITS) if left >= size), len(_TIME_UNITS) - 1)
        parts: list[str] = []
        for size, unit in _TIME_UNITS[first : first + 2]:
            amount, left = divmod(left, size)
            if amount or not parts:
                parts.append(format_unit(amount, unit, length="short", locale=self.locale))
        return "\N{NO-BREAK SPACE}".join(parts)

    def money(self, value: Decimal, largest: Decimal | None = None) -> str:
        """An amount in the report's currency, without one the bare number; whole where `largest` is a thousand."""
        minor = get_currency_precision(self.currency) if self.currency else 2
        whole = max(abs(value), largest or Decimal(0)) >= WHOLE_AMOUNTS_FROM or value == value.to_integral_value()
        digits = 0 if whole else minor
        if self.currency is None:
            return format_decimal(_rounded(value, digits), locale=self.locale)
        pattern = copy(self.locale.currency_formats["standard"])
        pattern.frac_prec = (digits, digits)
        text: str = pattern.apply(_rounded(value, digits), self.locale, currency=self.currency, currency_digits=False)
        return text.replace(get_currency_symbol(self.currency, self.locale), self.symbol).strip()

    @property
    def symbol(self) -> str:
        """The currency's symbol, written US$ or A$ where a bare $ could mean another currency."""
        assert self.currency is not None
        symbol = get_currency_symbol(self.currency, self.locale)
        at_home = self.locale.territory and self.currency in get_territory_currencies(self.locale.territory)
        return symbol if at_home or len(symbol) > 1 else get_currency_symbol(self.currency, _WORLD_ENGLISH)

    def signed(self, text: str, sign: int) -> str:
        """A magnitude's text with its sign, a true minus for less."""
        return text if sign == 0 else f"{'+' if sign > 0 else MINUS}{text}"

    def _percent(self, value: Decimal, digits: int) -> str:
        pattern = copy(self.locale.percent_formats[None])
        pattern.frac_prec = (digits, digits)
        return format_percent(value, pattern, locale=self.locale)


def _digits(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
