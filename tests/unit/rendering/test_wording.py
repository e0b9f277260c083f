"""The words of a report: every locale with a catalog is supported, and contains everything the program can say."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from reporter.analysis.comparison import compare
from reporter.analysis.highlights import headlines
from reporter.analysis.metric import Metric, Unit
from reporter.analysis.metrics import FIGURES, METRICS
from reporter.domain.errors import UsageError
from reporter.domain.report import CurrencySource
from reporter.domain.snapshot import ResponseRate, Sales, Snapshot, Stage, Volume
from reporter.domain.window import Period
from reporter.rendering.figures import line_caption
from reporter.rendering.headlines import headline_text
from reporter.rendering.notes import CURRENCY_NOTES
from reporter.rendering.translation import catalog_of, choose, languages, parse_locale, translations
from tests.unit.analysis.examples import APRIL, WEEK, report, usual
from tests.unit.rendering.typography import type_of
from tests.unit.rendering.words import EVERY_LOCALE, TRANSLATED, numbers, plain, view, words

COUNTS = st.one_of(st.integers(0, 12), st.integers(0, 100_000))
SAME = {("fr", "Conversations"), ("fr", "Messages")}
"""Texts that are the same in a language as in English."""


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A window with any data from the API, or with parts missing."""
    received, accepted = draw(COUNTS), draw(COUNTS)
    shares = st.none() | st.decimals(0, 1, places=2)
    stages = (
        Stage("Qualified", None, draw(COUNTS), draw(st.decimals(0, 10**9, places=2))),
        Stage("Accepted", "accepted", accepted, draw(st.decimals(0, 10**9, places=2))),
    )
    return Snapshot(
        WEEK,
        response_rate=draw(st.none() | st.just(ResponseRate(received, draw(st.integers(0, received)), draw(shares)))),
        response_time=draw(st.none() | st.decimals(0, 10**6, places=1)),
        volume=draw(st.none() | st.builds(Volume, COUNTS, COUNTS, COUNTS)),
        sales=draw(st.none() | st.just(Sales(stages, draw(shares)))),
    )


@given(snapshots(), snapshots(), st.permutations(list(FIGURES)), st.integers(1, len(FIGURES)))
def test_every_headline_has_a_sentence(current: Snapshot, previous: Snapshot, figures: list[str], shown: int) -> None:
    """Any finding in two windows has a sentence in every locale, with no placeholder left and a single period."""
    data = report(current, previous, figures=tuple(figures[:shown]))
    found = headlines(compare(data), data)
    for locale, headline in product(EVERY_LOCALE, found):
        said = headline_text(numbers(locale, "EUR"), headline)
        assert not re.search(r"%\(\w+\)s", said)
        assert said.endswith(type_of(catalog_of(Locale.parse(locale))).stop)
        assert not said.endswith("..")


@pytest.mark.parametrize("locale", EVERY_LOCALE)
@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_every_text_of_a_metric_is_translated(metric: Metric, locale: str) -> None:
    """Every text of every metric exists in every language, with the placeholders of the source language."""
    for text in metric.texts:
        said = words(locale)(text)
        assert said.strip()
        assert said != text or locale[:2] == "en" or (locale[:2], text) in SAME
        assert set(re.findall(r"%\(\w+\)s", said)) == set(re.findall(r"%\(\w+\)s", text))


def test_every_period_and_currency_source_has_words() -> None:
    """Every kind of window and every source of a currency has words."""
    assert all(view(report(usual(replace(APRIL, period=period)))).kind for period in Period)
    assert set(CURRENCY_NOTES) == set(CurrencySource)


@pytest.mark.parametrize("period", Period)
def test_a_line_says_its_periods_and_range(period: Period) -> None:
    """The caption has the line's number of windows and its range, or the single value that all of them have."""
    names = "spans of 30 days" if period is Period.CUSTOM else f"{period.value}s"
    window = replace(APRIL, period=period)
    rates = [Decimal("0.70"), *[None] * 12, Decimal("0.83")]
    assert line_caption(numbers("en_US"), Unit.RATE, window, rates) == f"14 {names}: 70% to 83%"
    assert line_caption(numbers("en_US"), Unit.COUNT, window, [Decimal(0)] * 2) == f"2 {names}: 0 throughout"


@pytest.mark.parametrize(
    ("locale", "days", "names"),
    [
        ("en_US", 11, "14 spans of 11 days: 3 to 9"),
        ("en_US", 1, "14 spans of 1 day: 3 to 9"),
        ("de_DE", 11, "14-mal 11 Tage: 3 bis 9"),
        ("fr_FR", 11, "14 tranches de 11 jours : de 3 à 9"),
        ("pl_PL", 22, "14 × 22 dni: 3 – 9"),
    ],
)
def test_a_period_that_is_not_over_is_no_month(locale: str, days: int, names: str) -> None:
    """The caption of a month to date counts the same days of each month, not months."""
    window = replace(APRIL, until=APRIL.first + timedelta(days=days), planned_until=APRIL.until)
    line = [Decimal(3), *[Decimal(9)] * 13]
    assert plain(line_caption(numbers(locale), Unit.COUNT, window, line)) == plain(names)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_changes_the_words(language: str) -> None:
    """A catalog is read as it is stored, without being compiled."""
    assert translations(Locale.parse(language)).gettext("Response rate") != "Response rate"


def test_plurals_take_the_form_of_the_number() -> None:
    """The number determines the plural form, and its digits are inserted as formatted."""
    say = words("fr_FR")
    assert say.plural("%(count)s week", "%(count)s weeks", 0, count="0") == "0 semaine"
    assert say.plural("%(count)s week", "%(count)s weeks", 2, count="2") == "2 semaines"


@pytest.mark.parametrize(
    ("number", "form"), [(1, "tydzień"), (2, "tygodnie"), (5, "tygodni"), (12, "tygodni"), (22, "tygodnie")]
)
def test_polish_has_three_forms(number: int, form: str) -> None:
    """One, few, and many are distinguished, also by the last digits."""
    said = words("pl_PL").plural("%(count)s week", "%(count)s weeks", number, count=str(number))
    assert said == f"{number} {form}"


@pytest.mark.parametrize(("name", "identifier"), [("de_DE", "de_DE"), ("de-DE", "de_DE"), ("fr", "fr"), ("en", "en")])
def test_locales_are_known_by_their_names(name: str, identifier: str) -> None:
    """A locale is written with a hyphen or an underscore, with or without a territory."""
    assert str(parse_locale(name)) == identifier


@pytest.mark.parametrize("name", ["", "xx_XX", "english", "de_DE_DE_DE", "zh_Hant_CN", "../de", "de\n", "ü" * 500])
def test_what_is_no_locale_is_refused(name: str) -> None:
    """An invalid locale is reported, short and in plain text, with a valid example."""
    with pytest.raises(UsageError, match="is not a locale; write it like en_US") as caught:
        parse_locale(name)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("name", "catalog"),
    [
        ("de", "de"),
        ("de_CH", "de"),
        ("en_IN", "en"),
        ("pt", "pt_BR"),
        ("pt_BR", "pt_BR"),
        ("pt_PT", "pt_BR"),
        ("es_MX", "es_MX"),
        ("es_AR", "es"),
        ("zh", "zh_Hans"),
        ("zh_CN", "zh_Hans"),
        ("zh_SG", "zh_Hans"),
        ("zh_Hans_HK", "zh_Hans"),
        ("zh_TW", None),
        ("zh_HK", None),
        ("zh_Hant", None),
        ("hi_Latn", None),
        ("cy_GB", None),
    ],
)
def test_a_catalog_serves_who_can_read_it(name: str, catalog: str | None) -> None:
    """A catalog of one territory or script applies to its whole language, but not to another script."""
    catalogs = frozenset({"de", "en", "es", "es_MX", "hi", "pt_BR", "zh_Hans"})
    assert choose(Locale.parse(name), catalogs) == catalog


def test_a_language_without_a_catalog_is_refused() -> None:
    """A locale without a catalog is refused with the available languages."""
    with pytest.raises(UsageError, match=", ".join(sorted(languages()))):
        parse_locale("cy_GB")
