"""Windows: every local day from 2019 to 2035, in time zones with unusual clock changes."""

from datetime import UTC, date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reporter.domain.window import (
    DAY,
    Period,
    WeekStart,
    Window,
    custom,
    first_of,
    last_complete,
    local_midnight,
    running,
)

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Los_Angeles",
    "America/St_Johns",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Pacific/Auckland",
    "Australia/Lord_Howe",  # clock changes of half an hour
    "America/Sao_Paulo",  # from here on: clock changes at midnight, now or formerly
    "America/Havana",
    "America/Santiago",
    "America/Asuncion",
    "Asia/Beirut",
    "Asia/Gaza",
    "Africa/Cairo",
    "Africa/Casablanca",  # clocks go back for Ramadan
    "Antarctica/Troll",  # clock changes of two hours
    "Pacific/Kiritimati",  # from here on: beside the date line
    "Pacific/Apia",
    "Pacific/Chatham",
)
DAYS = [date(2019, 1, 1) + timedelta(days=number) for number in range((date(2036, 1, 1) - date(2019, 1, 1)).days)]
PERIODS = [
    (period, week_start)
    for period in Period
    for week_start in WeekStart
    if period is Period.WEEK or (period is not Period.CUSTOM and week_start is WeekStart.MONDAY)
]
LENGTHS = {
    Period.DAY: {1},
    Period.WEEK: {7},
    Period.MONTH: {28, 29, 30, 31},
    Period.QUARTER: {90, 91, 92},
    Period.YEAR: {365, 366},
}
BEGINNING = {WeekStart.MONDAY: 1, WeekStart.SATURDAY: 6, WeekStart.SUNDAY: 7}

days = st.dates(date(2019, 1, 1), date(2035, 12, 31))
periods = st.sampled_from(PERIODS)
zones = st.sampled_from(ZONES)


@pytest.mark.parametrize("zone", ZONES)
def test_every_local_day_begins_where_the_day_before_ended(zone: str) -> None:
    """The first instant of each date is on that date, and the microsecond before on the previous date, also in UTC."""
    midnights = [local_midnight(day, zone) for day in DAYS]
    for day, midnight in zip(DAYS, midnights, strict=True):
        instant = midnight.astimezone(UTC)
        assert midnight.date() == day
        assert instant.astimezone(ZoneInfo(zone)).date() == day
        assert (instant - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == day - DAY
    assert all(earlier.astimezone(UTC) < later.astimezone(UTC) for earlier, later in pairwise(midnights))


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("UTC", {168}),
        ("Asia/Kolkata", {168}),
        ("Europe/Berlin", {167, 168, 169}),
        ("America/Los_Angeles", {167, 168, 169}),
        ("America/Havana", {167, 168, 169}),
        ("Pacific/Chatham", {167, 168, 169}),
        ("Australia/Lord_Howe", {167.5, 168, 168.5}),
        ("Antarctica/Troll", {166, 168, 170}),
    ],
)
def test_a_week_lasts_as_long_as_the_clocks_make_it(zone: str, hours: set[float]) -> None:
    """A week is seven dates, plus or minus half an hour, one hour, or two if the clocks change."""
    found = set()
    for monday in DAYS[6::7]:
        week = last_complete(Period.WEEK, monday, zone)
        found.add((week.end.astimezone(UTC) - week.start.astimezone(UTC)) / timedelta(hours=1))
        assert week.days == 7
    assert found == hours


@pytest.mark.parametrize(("period", "week_start"), PERIODS)
def test_the_last_complete_window_abuts_its_neighbours(period: Period, week_start: WeekStart) -> None:
    """On every day, the last window is complete, the next is not, and it begins where the previous one ends."""
    for today in DAYS:
        window = last_complete(period, today, "UTC", week_start)
        following = running(period, today, "UTC", week_start)
        assert window.first < window.until <= today
        assert following.first == window.until
        assert following.planned_until is not None
        assert today < following.planned_until
        assert window.days in LENGTHS[period]
        assert window.previous().until == window.first
        assert window.previous() == last_complete(period, window.first, "UTC", week_start)
        assert not window.is_partial


@pytest.mark.parametrize(("period", "week_start"), PERIODS)
def test_labels_name_one_window_each(period: Period, week_start: WeekStart) -> None:
    """Two days have the same label exactly if they are in the same window."""
    windows = {last_complete(period, today, "UTC", week_start) for today in DAYS}
    assert len({window.label for window in windows}) == len(windows)


@pytest.mark.parametrize("week_start", WeekStart)
def test_weeks_begin_on_the_weekday_asked_for(week_start: WeekStart) -> None:
    """Every week begins on the chosen Monday, Saturday, or Sunday, and contains the given day."""
    for day in DAYS:
        first = first_of(Period.WEEK, day, week_start)
        assert first.isoweekday() == BEGINNING[week_start]
        assert first <= day < first + timedelta(days=7)


def test_months_quarters_and_years_begin_where_the_calendar_says() -> None:
    """Every day's month, quarter, and year begin on a first, in the day's own month, quarter, and year."""
    for day in DAYS:
        month, quarter, year = (first_of(period, day) for period in (Period.MONTH, Period.QUARTER, Period.YEAR))
        assert (month.year, month.month, month.day) == (day.year, day.month, 1)
        assert (quarter.year, (quarter.month - 1) // 3, quarter.day) == (day.year, (day.month - 1) // 3, 1)
        assert quarter.month in {1, 4, 7, 10}
        assert (year.year, year.month, year.day) == (day.year, 1, 1)


def test_the_month_before_january_is_december() -> None:
    """In January the last month is December of the previous year, compared with its November."""
    window = last_complete(Period.MONTH, date(2026, 1, 15), "UTC")
    assert (window.label, window.previous().label) == ("2025-12", "2025-11")


def test_the_53rd_iso_week_belongs_to_the_year_it_began_in() -> None:
    """A week across New Year has its ISO year in the label; a Sunday week has its first date."""
    assert last_complete(Period.WEEK, date(2021, 1, 4), "UTC").label == "2020-W53"
    assert last_complete(Period.WEEK, date(2025, 1, 6), "UTC").label == "2025-W01"
    assert last_complete(Period.WEEK, date(2021, 1, 4), "UTC", WeekStart.SUNDAY).label == "2020-12-27"


def test_a_leap_day_is_a_day_of_its_month() -> None:
    """29 February is in February, its quarter, and its year, and is a separate day."""
    today = date(2024, 3, 1)
    assert last_complete(Period.DAY, today, "UTC").label == "2024-02-29"
    assert last_complete(Period.MONTH, today, "UTC").days == 29
    assert last_complete(Period.QUARTER, date(2024, 4, 1), "UTC").days == 91
    assert last_complete(Period.YEAR, date(2025, 1, 1), "UTC").days == 366


@pytest.mark.parametrize(
    ("window", "label"),
    [
        (last_complete(Period.DAY, date(2026, 4, 28), "UTC"), "2026-04-27"),
        (last_complete(Period.WEEK, date(2026, 4, 28), "UTC"), "2026-W17"),
        (last_complete(Period.WEEK, date(2026, 5, 4), "UTC", WeekStart.SUNDAY), "2026-04-26"),
        (last_complete(Period.MONTH, date(2026, 5, 1), "UTC"), "2026-04"),
        (last_complete(Period.QUARTER, date(2026, 7, 1), "UTC"), "2026-Q2"),
        (last_complete(Period.YEAR, date(2027, 1, 1), "UTC"), "2026"),
        (custom(date(2026, 4, 3), date(2026, 4, 17), date(2026, 5, 1), "UTC"), "2026-04-03--2026-04-17"),
        (running(Period.MONTH, date(2026, 4, 13), "UTC"), "2026-04-so-far-2026-04-12"),
        (
            custom(date(2026, 4, 3), date(2026, 4, 17), date(2026, 4, 10), "UTC"),
            "2026-04-03--2026-04-17-so-far-2026-04-09",
        ),
    ],
)
def test_labels_are_those_of_the_archive(window: Window, label: str) -> None:
    """Every kind of window has the label that names its folder in the archive."""
    assert window.label == label


@given(periods, days, zones)
def test_partial_windows_compare_equal_spans(kind: tuple[Period, WeekStart], today: date, zone: str) -> None:
    """Each window in a partial one's history has as many days, is before the next period, and ends before it."""
    period, week_start = kind
    window = running(period, today, zone, week_start)
    assume(window.days)
    history = window.history(14)
    assert history[-1] == window.previous()
    assert {earlier.days for earlier in history} == {window.days}
    until = window.first
    for earlier in reversed(history):
        assert earlier.until <= until
        assert earlier.is_partial == (earlier.until < until)
        until = first_of(period, until - DAY, week_start)
        assert earlier.period is Period.CUSTOM or earlier.first == until


def test_a_span_that_does_not_fit_the_month_before_is_no_month() -> None:
    """29 and 30 days of March are compared with as many days before March, which are labeled as days."""
    assert running(Period.MONTH, date(2026, 3, 30), "UTC").previous().label == "2026-01-31--2026-03-01"
    window = running(Period.MONTH, date(2026, 3, 31), "UTC")
    assert window.previous() == custom(date(2026, 1, 30), date(2026, 3, 1), date(2026, 4, 1), "UTC")
    assert [earlier.label for earlier in window.history(3)] == [
        "2025-12-so-far-2025-12-30",
        "2026-01-so-far-2026-01-30",
        "2026-01-30--2026-03-01",
    ]


def test_a_span_that_fills_the_month_before_is_that_month() -> None:
    """Twenty-eight days of March are compared with all of February, which is not labeled partial."""
    previous = running(Period.MONTH, date(2026, 3, 29), "UTC").previous()
    assert previous == last_complete(Period.MONTH, date(2026, 3, 1), "UTC")


@given(days, st.integers(1, 3653), zones)
def test_custom_windows_abut_the_equally_long_one_before(first: date, length: int, zone: str) -> None:
    """A custom window is compared with the same number of days directly before it, and so on backward."""
    window = custom(first, first + timedelta(days=length), date.max, zone)
    assert window.days == length
    for earlier, later in pairwise((*window.history(3), window)):
        assert earlier.end == later.start
        assert earlier.days == length
        assert not earlier.is_partial


@given(periods, days, zones, st.integers(1, 14))
def test_history_ends_with_the_previous_window(kind: tuple[Period, WeekStart], today: date, zone: str, n: int) -> None:
    """The history of a complete window is contiguous, from the oldest window to the reported one."""
    window = last_complete(kind[0], today, zone, kind[1])
    history = window.history(n)
    assert len(history) == n
    assert all(earlier.end == later.start for earlier, later in pairwise((*history, window)))
    assert all(earlier.previous() == before for before, earlier in pairwise(history))
