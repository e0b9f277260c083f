"""Windows and dates in words, in the form that each locale uses."""

from datetime import date
from itertools import product

import pytest

from reporter.domain.window import Period, WeekStart, Window, custom, last_complete, running
from reporter.rendering.dates import day, exact_dates, window_name
from tests.unit.rendering.test_numbers import spaced
from tests.unit.rendering.words import LOCALES, words

NEW_YORK = "America/New_York"
MAY = date(2026, 5, 4)


def names(window: Window) -> list[str]:
    """The window's name in American English, British English, German, and French."""
    return [spaced(window_name(words(locale), window)) for locale in LOCALES]


@pytest.mark.parametrize(
    ("period", "called"),
    [
        (Period.DAY, ["Sun, May 3, 2026", "Sun, 3 May 2026", "So., 3. Mai 2026", "dim. 3 mai 2026"]),
        (
            Period.WEEK,
            [
                "Week 18, Apr 27 – May 3, 2026",
                "Week 18, 27 Apr – 3 May 2026",
                "KW 18, 27. Apr. – 3. Mai 2026",
                "Semaine 18, 27 avr. – 3 mai 2026",
            ],
        ),
        (Period.MONTH, ["April 2026", "April 2026", "April 2026", "avril 2026"]),
        (Period.QUARTER, ["1st quarter 2026", "1st quarter 2026", "1. Quartal 2026", "1er trimestre 2026"]),
        (Period.YEAR, ["2025", "2025", "2025", "2025"]),
    ],
)
def test_whole_periods(period: Period, called: list[str]) -> None:
    """A complete period has its name, and a week its number and its days."""
    assert names(last_complete(period, MAY, NEW_YORK)) == called


def test_a_week_over_a_years_end() -> None:
    """A week across New Year names both years, and has the number of the year that it belongs to."""
    window = last_complete(Period.WEEK, date(2026, 1, 5), NEW_YORK)
    assert names(window) == [
        "Week 1, Dec 29, 2025 – Jan 4, 2026",
        "Week 1, 29 Dec 2025 – 4 Jan 2026",
        "KW 1, 29. Dez. 2025 – 4. Jan. 2026",
        "Semaine 1, 29 déc. 2025 – 4 janv. 2026",
    ]


def test_a_week_inside_a_month_names_it_once() -> None:
    """An interval does not repeat what both ends share."""
    assert names(last_complete(Period.WEEK, date(2026, 4, 27), NEW_YORK)) == [
        "Week 17, Apr 20 – 26, 2026",
        "Week 17, 20–26 Apr 2026",
        "KW 17, 20.–26. Apr. 2026",
        "Semaine 17, 20–26 avr. 2026",
    ]


@pytest.mark.parametrize("start", [WeekStart.SUNDAY, WeekStart.SATURDAY])
def test_only_weeks_from_monday_have_numbers(start: WeekStart) -> None:
    """ISO week numbers apply to weeks from Monday; other weeks are named by their days."""
    for name in names(last_complete(Period.WEEK, MAY, NEW_YORK, start)):
        assert "17" not in name
        assert "18" not in name


def test_windows_that_are_not_over() -> None:
    """A partial window is named by its days and marked as partial, whatever its period."""
    assert names(running(Period.MONTH, date(2026, 4, 13), NEW_YORK)) == [
        "Apr 1 – 12, 2026 so far",
        "1–12 Apr 2026 so far",
        "1.–12. Apr. 2026 (bisher)",
        "1–12 avr. 2026 (en cours)",
    ]


def test_custom_windows() -> None:
    """A custom window is named by its first and last dates; a window of one day by that day."""
    assert names(custom(date(2026, 2, 27), date(2026, 3, 3), MAY, NEW_YORK))[1] == "27 Feb – 2 Mar 2026"
    assert names(custom(date(2026, 2, 27), date(2026, 2, 28), MAY, NEW_YORK))[1] == "Fri, 27 Feb 2026"


@pytest.mark.parametrize(("zone", "period"), list(product(["Europe/Berlin", "Pacific/Apia", "UTC"], Period)))
def test_names_come_from_dates_alone(zone: str, period: Period) -> None:
    """Clock changes and distant time zones do not affect a window's name."""
    window = last_complete(period, date(2026, 3, 30), zone)
    home = last_complete(period, date(2026, 3, 30), NEW_YORK)
    assert names(window) == names(home)


def test_dates_in_full() -> None:
    """The date of the data is written in full."""
    assert [day(words(locale), MAY) for locale in LOCALES] == [
        *("May 4, 2026", "4 May 2026", "4. Mai 2026", "4 mai 2026")
    ]


def test_the_exact_dates() -> None:
    """Both ends are given to the minute, in local time and UTC, across clock changes, without line breaks."""
    window = last_complete(Period.MONTH, date(2026, 4, 1), "Europe/Berlin")
    assert exact_dates(words("en_US"), window) == (
        "2026-03-01\u00a000:00 – 2026-04-01\u00a000:00 (Europe/Berlin), the end not included; "
        "in UTC: 2026-02-28\u00a023:00 – 2026-03-31\u00a022:00."
    )
