"""Numbers in each locale's format: correct to the last digit shown, with no more digits than that."""

import re
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol, parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.metric import Unit
from reporter.rendering.numbers import COMPACT_FROM, MINUS, MINUTES_FROM
from tests.unit.rendering.words import LOCALES, numbers

EVERY_LOCALE = st.sampled_from((*LOCALES, "en_IN", "de_CH"))
AMOUNTS = st.decimals(0, 10**12, places=2)
SECONDS = st.decimals(0, 400 * 86_400, places=1)
POINTS = {"en_US": ("point", "points"), "de_DE": ("Punkt", "Punkte"), "fr_FR": ("point", "points")}


def spaced(text: str) -> str:
    """The text with regular spaces, for a test that is not about them."""
    return re.sub("[\u00a0\u202f]", " ", text)


@given(EVERY_LOCALE, st.integers(0, int(COMPACT_FROM) - 1))
def test_a_count_is_read_back(locale: str, count: int) -> None:
    """A count below ten million is read back exactly by the locale's rules."""
    assert parse_decimal(numbers(locale).count(count), locale=locale, strict=True) == count


@pytest.mark.parametrize(
    ("locale", "shown"),
    [("en_US", "1.2B"), ("en_IN", "123.5Cr"), ("de_DE", "1,2 Mrd."), ("fr_FR", "1,2 Md")],
)
def test_huge_counts_are_short(locale: str, shown: str) -> None:
    """From ten million on, a count is shown in the locale's millions or billions."""
    assert spaced(numbers(locale).count(1_234_567_890)) == shown


@pytest.mark.parametrize(
    ("currency", "shown"), [("USD", "77,7 M US$"), ("CHF", "77,7 M CHF"), ("EUR", "77,7 M€"), ("JPY", "77,7 M JPY")]
)
def test_a_currency_of_letters_stands_apart_from_the_millions(currency: str, shown: str) -> None:
    """A currency code is separated from the unit as from digits: "MUS$" would be an unknown currency."""
    assert spaced(numbers("es", currency).usual(Unit.MONEY, Decimal(77_735_200))) == shown


def test_the_last_count_in_full() -> None:
    """Seven digits fit into a column, and eight do not."""
    assert numbers("en_US").count(COMPACT_FROM - 1) == "9,999,999"
    assert numbers("en_US").count(COMPACT_FROM) == "10M"


def test_a_days_average_has_the_digits_that_tell() -> None:
    """An average has one decimal, two if one would be misleading, and none from a hundred on."""
    assert [numbers("de_DE").count(Decimal(value)) for value in ("0.04", "0.39", "15.37", "99.94", "461.29")] == [
        *("0,04", "0,39", "15,4", "99,9", "461")
    ]


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "shown"),
    [
        ("en_US", "USD", "64195", "$64,195"),
        ("en_US", "USD", "64195.49", "$64,195"),
        ("en_US", "USD", "999.5", "$999.50"),
        ("en_US", "USD", "999.999", "$1,000"),
        ("en_US", "USD", "12", "$12"),
        ("en_US", "AUD", "12.5", "A$12.50"),
        ("en_AU", "AUD", "12.5", "$12.50"),
        ("en_CA", "CAD", "12.5", "$12.50"),
        ("en_GB", "USD", "64195", "US$64,195"),
        ("de_DE", "USD", "64195", "64.195 US$"),
        ("de_DE", "EUR", "0.5", "0,50 €"),
        ("fr_FR", "EUR", "1234567", "1 234 567 €"),
        ("fr_FR", "USD", "64195", "64 195 $US"),
        ("en_US", "JPY", "998.4", "JP¥998"),
        ("en_US", "KWD", "12.5", "KWD 12.500"),
        ("en_US", "KWD", "1234.567", "KWD 1,235"),
        ("en_IN", "INR", "12345678", "₹1,23,45,678"),
        ("en_US", "WST", "45076", "WST 45,076"),
        ("en_US", None, "64195.49", "64,195"),
        ("de_DE", None, "12.5", "12,50"),
    ],
)
def test_money(locale: str, currency: str | None, amount: str, shown: str) -> None:
    """Money has its locale's position and grouping, its currency's decimals, and an unambiguous symbol."""
    assert spaced(numbers(locale, currency).money(Decimal(amount))) == shown


@given(EVERY_LOCALE, st.sampled_from(["USD", "EUR", "JPY", "KWD", "INR", "CHF", "WST", None]), AMOUNTS)
def test_money_is_read_back(locale: str, currency: str | None, amount: Decimal) -> None:
    """An amount is read back to within one unit, and contains no possible line break."""
    written = numbers(locale, currency)
    shown = written.money(amount)
    bare = "".join(sign for sign in shown if sign.isdigit() or sign in separators(locale))
    assert abs(parse_decimal(bare.strip(), locale=locale) - amount) <= Decimal("0.5")
    assert " " not in shown
    if currency:
        assert written.symbol in shown


def separators(locale: str) -> str:
    """The characters between the digits of a number."""
    symbols = Locale.parse(locale)
    return get_decimal_symbol(symbols) + get_group_symbol(symbols)


@pytest.mark.parametrize(
    ("locale", "shown"),
    [("en_US", "74%"), ("en_GB", "74%"), ("de_DE", "74\u00a0%"), ("fr_FR", "74\u00a0%"), ("de_CH", "74%")],
)
def test_percent_signs_stand_as_the_locale_has_them(locale: str, shown: str) -> None:
    """German and French have a no-break space before the percent sign; English and Swiss German have none."""
    assert numbers(locale).value(Unit.RATE, Decimal("0.74")) == shown


@pytest.mark.parametrize(
    ("rate", "shown"), [("0", "0%"), ("0.7", "70%"), ("0.745", "74.5%"), ("0.7451", "74.5%"), ("0.74004", "74%")]
)
def test_a_rate_has_no_more_digits_than_the_data(rate: str, shown: str) -> None:
    """The API's whole percentages have no decimals; a more precise rate has one."""
    assert numbers("en_US").value(Unit.RATE, Decimal(rate)) == shown


@pytest.mark.parametrize(
    ("change", "shown"), [("0", "0%"), ("0.041", "4.1%"), ("0.0996", "10%"), ("0.863", "86%"), ("12", "1,200%")]
)
def test_a_percentage_is_as_fine_as_it_matters(change: str, shown: str) -> None:
    """A change below ten percent has one decimal; a larger one has none, nor has zero."""
    assert numbers("en_US").percent(Decimal(change)) == shown


@pytest.mark.parametrize("locale", POINTS)
@pytest.mark.parametrize(
    ("moved", "digits", "form"), [("0.04", "4", 1), ("0.01", "1", 0), ("0.1", "10", 1), ("0.2", "20", 1)]
)
def test_points_are_not_percent(locale: str, moved: str, digits: str, form: int) -> None:
    """A difference of shares is in percentage points, singular for one."""
    assert spaced(numbers(locale).points(Decimal(moved))) == f"{digits} {POINTS[locale][form]}"


def test_parts_of_points_take_their_languages_form() -> None:
    """One and a half points is plural in English and German, and singular in French."""
    shown = [spaced(numbers(locale).points(Decimal("0.0149"))) for locale in ("en_US", "de_DE", "fr_FR")]
    assert shown == ["1.5 points", "1,5 Punkte", "1,5 point"]


def test_points_take_each_of_their_languages_forms() -> None:
    """Arabic uses the plural for three to ten points, and the singular for all others."""
    say = numbers("ar_EG")
    moves = ("0.02", "0.03", "0.1", "0.11", "0.085", "1")
    assert ["نقاط" in say.points(Decimal(move)) for move in moves] == [False, True, True, False, False, False]


def test_points_that_show_as_zero_have_no_sign() -> None:
    """A change of less than a twentieth of a point has no sign."""
    say = numbers("en_US")
    moves = ("0.0004", "-0.0004", "0.0006", "-0.08")
    assert [spaced(say.signed_points(Decimal(move))) for move in moves] == [
        *("0 points", "0 points", "+0.1 points", "\N{MINUS SIGN}8 points")
    ]


def test_less_is_a_minus_and_no_hyphen() -> None:
    """A sign is a plus, a true minus, or nothing."""
    assert [numbers("en_US").signed("4", sign) for sign in (1, -1, 0)] == ["+4", "\N{MINUS SIGN}4", "4"]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        ("0", "0 sec"),
        ("0.4", "0 sec"),
        ("59.6", "1 min"),
        ("61", "1 min 1 sec"),
        ("599.4", "9 min 59 sec"),
        ("599.6", "10 min"),
        ("629", "10 min"),
        ("3569", "59 min"),
        ("3599", "1 hr"),
        ("5100", "1 hr 25 min"),
        ("86399", "1 day"),
        ("172799", "2 days"),
        ("180000", "2 days 2 hr"),
    ],
)
def test_durations(seconds: str, shown: str) -> None:
    """A duration has two units at most, rounded to a precision that fits its size."""
    assert spaced(numbers("en_US").duration(Decimal(seconds))) == shown


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("es_ES", ["1 s", "1 min 1 s", "1 h 1 min", "1 d 1 h"]),
        ("it_IT", ["1 s", "1 min 1 s", "1 h 1 min", "1 giorno 1 h"]),
        ("nl_NL", ["1 sec", "1 min 1 sec", "1 uur 1 min", "1 dag 1 uur"]),
        ("pl_PL", ["1 sek.", "1 min 1 sek.", "1 godz. 1 min", "1 dzień 1 godz."]),
        ("pt_BR", ["1 s", "1 min 1 s", "1 h 1 min", "1 dia 1 h"]),
    ],
)
def test_one_of_a_unit_is_in_the_singular(locale: str, shown: list[str]) -> None:
    """An hour is `1 h` in Spanish: if CLDR has no singular form, the general form is used."""
    spans = ("1", "61", "3660", "90000")
    assert [spaced(numbers(locale).duration(Decimal(seconds))) for seconds in spans] == shown


@given(EVERY_LOCALE, SECONDS)
def test_durations_are_never_more_than_two_units(locale: str, seconds: Decimal) -> None:
    """A duration has at most two numbers, no line break between them, and never sixty of a unit below the largest."""
    shown = numbers(locale).duration(seconds)
    found = [int(number) for number in re.findall(r"\d+", shown)]
    assert 1 <= len(found) <= 2
    assert " " not in shown
    assert 60 not in found or seconds >= 60 * 86_400 - 3_600
    assert all(number < 60 for number in found[1:])


@given(SECONDS, SECONDS)
def test_durations_keep_their_order(one: Decimal, other: Decimal) -> None:
    """A longer duration is never shown as a shorter one."""
    shown = [in_seconds(numbers("en_US").duration(seconds)) for seconds in sorted((one, other))]
    assert shown == sorted(shown)


def in_seconds(shown: str) -> int:
    """The duration in seconds, read back from the text."""
    sizes = {"sec": 1, "min": 60, "hr": 3_600, "day": 86_400}
    return sum(int(n) * sizes[unit.rstrip("s")] for n, unit in re.findall(r"(\d+) (\w+)", spaced(shown)))


@given(SECONDS, SECONDS)
def test_a_difference_is_that_of_what_is_shown(one: Decimal, other: Decimal) -> None:
    """The printed difference equals that of the two printed durations, unless these are the same."""
    say = numbers("en_US")
    gap = abs(in_seconds(say.duration(one)) - in_seconds(say.duration(other)))
    shown = in_seconds(say.difference(Unit.DURATION, one, other).lstrip(f"+{MINUS}"))
    assert abs(shown - gap) <= (0 if gap < MINUTES_FROM else 30 if gap < 86_370 else 1_800) or not gap


def test_a_difference_of_money_is_that_of_what_is_shown() -> None:
    """The printed amounts of a report add up, in spite of rounding."""
    say = numbers("en_US", "USD")
    assert say.difference(Unit.MONEY, Decimal("2000.50"), Decimal("1000.49")) == "+$1,000"
    assert say.difference(Unit.MONEY, Decimal("1000.40"), Decimal("999.60")) == "+$0.40"
    assert say.difference(Unit.MONEY, Decimal("1000.40"), Decimal("1000.30")) == "+$0.10"
