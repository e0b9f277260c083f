"""Number formats of the report's locale (CLDR, through Babel): shares, points, counts, money, and time.

Every function returns finished text. Values are rounded only here, and never shown with more digits than the data
has: the API rounds its rates to whole percents, so a rate of 0.74 is "74 %".
"""

import re
from copy import copy
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from babel import Locale
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_decimal,
    format_percent,
    get_currency_precision,
    get_currency_symbol,
    get_territory_currencies,
)

from reporter.analysis.behavior import UsualRange
from reporter.analysis.metric import Unit
from reporter.rendering.translation import BEGIN, Words

NO_VALUE = "–"
MINUS = "\N{MINUS SIGN}"
WHOLE_AMOUNTS_FROM = Decimal(1000)
"""Amounts from here on are shown without the minor unit."""
COMPACT_FROM = Decimal(10_000_000)
"""Counts from here on are shown in millions or billions, to fit table columns."""
MINUTES_FROM = Decimal(600)
"""Durations of this many seconds or more are shown in minutes."""
HOURS_FROM = Decimal(86_400)
"""Durations of this many seconds or more are shown in hours."""
_OWN = "default"
"""The locale's default numbering system; Babel uses its separators, and `Words` its digits."""
_WORLD_ENGLISH = Locale("en", "001")
_TIME_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Numbers:
    """The number formats of one report: its translations, locale, and currency, if any."""

    words: Words
    currency: str | None

    def value(self, unit: Unit, value: Decimal | None) -> str:
        """Format the value of a metric of this unit; a dash if there is none."""
        if value is None:
            return NO_VALUE
        match unit:
            case Unit.RATE:
                return self._percent(value, 0, 1)
            case Unit.DURATION:
                return self.duration(value)
            case Unit.COUNT:
                return self.count(value)
            case Unit.MONEY:
                return self.money(value)

    def usual(self, unit: Unit, value: Decimal) -> str:
        """Format an end of a usual range, which is not measured: shares in whole percents, totals in whole numbers.

        Large amounts are in millions, like counts.
        """
        match unit:
            case Unit.RATE:
                return self._percent(value, 0, 0)
            case Unit.COUNT:
                return self.count(_rounded(value, 0))
            case Unit.MONEY if value >= COMPACT_FROM:
                return self._large_money(value)
            case _:
                return self.value(unit, value)

    def usual_range(self, unit: Unit, usual: UsualRange) -> tuple[str, str, str]:
        """The low end, the average, and the high end of a usual range."""
        return self.usual(unit, usual.low), self.usual(unit, usual.mean), self.usual(unit, usual.high)

    def difference(self, unit: Unit, current: Decimal, previous: Decimal) -> str:
        """The difference with its sign, equal to that of the displayed values unless they are alike."""
        return self.signed_value(unit, self.shown_difference(unit, current, previous) or current - previous)

    def signed_value(self, unit: Unit, difference: Decimal) -> str:
        """A difference with its sign."""
        return self.signed(self.value(unit, abs(difference)), difference)

    def shown_difference(self, unit: Unit, current: Decimal, previous: Decimal) -> Decimal:
        """The difference of the two values as displayed."""
        return self.as_shown(unit, current) - self.as_shown(unit, previous)

    def as_shown(self, unit: Unit, value: Decimal) -> Decimal:
        """The value as rounded for display."""
        match unit:
            case Unit.DURATION:
                return Decimal(_rounded_seconds(value))
            case Unit.MONEY:
                return _rounded(value, self._minor_digits(value))
            case Unit.COUNT | Unit.RATE:
                return value

    def signed(self, text: str, number: Decimal | int) -> str:
        """The text of a magnitude with the number's sign, inside any isolate; negative numbers get a true minus."""
        sign = "+" if number > 0 else MINUS if number < 0 else ""
        return f"{BEGIN}{sign}{text.removeprefix(BEGIN)}" if text.startswith(BEGIN) else f"{sign}{text}"

    def count(self, value: Decimal | int) -> str:
        """A count, or a daily average with one decimal place below 100 and two below 1; "12.3M" from ten million."""
        number = Decimal(value)
        if number >= COMPACT_FROM:
            short = format_compact_decimal(number, locale=self.words.locale, fraction_digits=1, numbering_system=_OWN)
            return unbroken(self.words.number(short))
        return self.exact(_rounded(number, 2 if number < 1 else 1 if number < 100 else 0))

    def exact(self, value: Decimal | int) -> str:
        """A number with all its digits, at most three decimal places."""
        return self.words.number(format_decimal(value, locale=self.words.locale, numbering_system=_OWN))

    def percent(self, value: Decimal) -> str:
        """A relative change (a fraction) in percent: whole from 10 % on and for zero, otherwise one decimal place."""
        digits = 0 if abs(value) >= Decimal("0.0995") or not value else 1
        return self._percent(value, digits, digits)

    def signed_percent(self, value: Decimal) -> str:
        """A relative change in percent with its sign."""
        return self.signed(self.percent(abs(value)), value)

    def points(self, value: Decimal) -> str:
        """A difference of shares (a fraction) in percentage points, with at most one decimal place."""
        points = _rounded(value * 100, 1)
        number = _same_plural(self.words.locale, points.normalize())
        return unbroken(self.words.plural("%(points)s point", "%(points)s points", number, points=self.exact(points)))

    def signed_points(self, value: Decimal) -> str:
        """The points with their sign; no sign if they are displayed as zero."""
        return self.signed(self.points(abs(value)), _rounded(value * 100, 1))

    def duration(self, seconds: Decimal) -> str:
        """A duration in its two largest units, e.g. "1 hr 5 min"; without seconds from ten minutes on."""
        left = _rounded_seconds(seconds)
        first = next((index for index, (size, _) in enumerate(_TIME_UNITS) if left >= size), len(_TIME_UNITS) - 1)
        parts: list[str] = []
        for size, unit in _TIME_UNITS[first : first + 2]:
            amount, left = divmod(left, size)
            if amount or not parts:
                parts.append(self._time(amount, unit))
        return unbroken(" ".join(parts))

    def _time(self, amount: int, unit: str) -> str:
        """An amount of a unit. CLDR omits forms equal to `other`, for which `format_unit` gives "1 horas"."""
        patterns = self.words.locale._data["unit_patterns"][f"duration-{unit}"]["short"]  # noqa: SLF001 - no public API
        pattern: str = patterns.get(self.words.locale.plural_form(amount), patterns["other"])
        return pattern.format(self.exact(amount))

    def money(self, value: Decimal) -> str:
        """An amount in the report's currency, or the bare number without one; whole from a thousand on."""
        digits = self._minor_digits(value)
        formats = self.words.locale.currency_formats if self.currency else self.words.locale.decimal_formats
        pattern = copy(formats["standard" if self.currency else None])
        pattern.frac_prec = (digits, digits)
        text: str = pattern.apply(
            value, self.words.locale, currency=self.currency, currency_digits=False, numbering_system=_OWN
        )
        return self._with_symbol(text) if self.currency else self.words.number(text)

    def _large_money(self, value: Decimal) -> str:
        """An amount in millions or billions, with at most one decimal place."""
        if self.currency is None:
            return self.count(value)
        text = format_compact_currency(
            value, self.currency, locale=self.words.locale, fraction_digits=1, numbering_system=_OWN
        )
        return unbroken(self._with_symbol(text))

    def _with_symbol(self, text: str) -> str:
        """The amount with an unambiguous currency symbol; letters are separated from digits, as in CLDR."""
        assert self.currency is not None
        text = text.replace(get_currency_symbol(self.currency, self.words.locale), self.symbol).strip()
        if self.symbol[-1].isalpha():
            beside = rf"(?<={re.escape(self.symbol)})(?=\d)|(?<=\d)(?={re.escape(self.symbol)})"
            text = re.sub(beside, "\N{NO-BREAK SPACE}", text)
        if self.symbol[0].isalpha():
            text = re.sub(rf"(?<=[^\W\d_])(?={re.escape(self.symbol)})", "\N{NO-BREAK SPACE}", text)
        return self.words.number(text)

    @property
    def symbol(self) -> str:
        """The currency's symbol, such as US$ or A$ if a bare $ could mean another currency."""
        assert self.currency is not None
        symbol = get_currency_symbol(self.currency, self.words.locale)
        at_home = self.words.locale.territory and self.currency in get_territory_currencies(self.words.locale.territory)
        return symbol if at_home or len(symbol) > 1 else get_currency_symbol(self.currency, _WORLD_ENGLISH)

    def _minor_digits(self, amount: Decimal) -> int:
        digits = get_currency_precision(self.currency) if self.currency else 2
        rounded = _rounded(amount, digits)
        return 0 if rounded >= WHOLE_AMOUNTS_FROM or rounded == rounded.to_integral_value() else digits

    def _percent(self, value: Decimal, least: int, most: int) -> str:
        """A share (0 to 1) in percent, with at least and at most so many decimal places."""
        pattern = copy(self.words.locale.percent_formats[None])
        pattern.frac_prec = (least, most)
        return self.words.number(format_percent(value, pattern, locale=self.words.locale, numbering_system=_OWN))


def unbroken(text: str) -> str:
    """The text with no-break spaces."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _same_plural(locale: Locale, number: Decimal) -> int:
    """A whole number with the same plural form as `number`, since gettext needs an integer; 2 if there is none."""
    form = locale.plural_form
    return next((whole for whole in range(101) if form(whole) == form(number)), 2)


def _rounded_seconds(seconds: Decimal) -> int:
    """The seconds rounded for display: full minutes from ten minutes on, full hours from a day on."""
    step = 1 if seconds < MINUTES_FROM else 60 if seconds < HOURS_FROM else 3_600
    return int((seconds / step).to_integral_value(ROUND_HALF_UP)) * step


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
