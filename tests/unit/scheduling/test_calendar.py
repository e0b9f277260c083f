"""When a report is due and a schedule runs: as people write it, as times, as cron expressions, and in UTC."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.errors import UsageError
from reporter.domain.window import Period, WeekStart
from reporter.scheduling.calendar import SendTime, Timetable, read_at, read_time, timetable

PERIODS = tuple(period for period in Period if period is not Period.CUSTOM)
ZONES = (
    "Africa/Cairo",  # forward at midnight
    "America/Asuncion",  # at midnight, and back to the day before
    "America/Havana",  # midnight twice
    "America/New_York",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Berlin",
    "Pacific/Apia",  # skipped December 30, 2011
    "Pacific/Chatham",
    "UTC",
)
MOMENTS = st.integers(800_000_000, 2_050_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(
    ("at", "period", "cron"),
    [
        ("Sun 23:59", Period.WEEK, "59 23 * * 0"),
        ("saturday 6:05", Period.WEEK, "5 6 * * 6"),
        ("00:00", Period.DAY, "0 0 * * *"),
        ("05:30", Period.QUARTER, "30 5 1 1,4,7,10 *"),
        ("28 12:00", Period.YEAR, "0 12 28 1 *"),
    ],
)
def test_a_time_is_read_as_people_write_it(at: str, period: Period, cron: str) -> None:
    """Weekdays may be short or long, hours with or without a zero, and days are of the month."""
    assert read_at(at, period, "UTC").cron == cron


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Niue"]),
    period=st.sampled_from(PERIODS),
    minute=st.integers(0, 24 * 60 - 1),
    weekday=st.integers(0, 6),
    day=st.integers(1, 27),
)
def test_utc_is_never_earlier_than_the_local_time(
    zone: str, period: Period, minute: int, weekday: int, day: int
) -> None:
    """Whenever a schedule in UTC runs, the local time of the report has come, or has passed that day.

    Only a first of the month that is still in the previous month in UTC runs later, at midnight UTC.
    """
    local = _timetable(period, zone, minute, weekday=weekday, day=day)
    utc = local.in_utc(2026)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=utc.minute)
    strikes = [
        moment + timedelta(days=offset) for offset in range(366) if _is_due(utc, moment + timedelta(days=offset))
    ]
    assert strikes
    for strike in strikes:
        here = strike.astimezone(ZoneInfo(zone))
        asked = here.replace(hour=minute // 60, minute=minute % 60)
        late = here - asked
        if _is_due(local, here):
            assert timedelta() <= late <= timedelta(hours=24)
        else:  # after midnight in daylight saving time
            assert _is_due(local, here - timedelta(hours=1))


def _timetable(
    period: Period, zone: str, minute: int, *, weekday: int, day: int, week_start: WeekStart = WeekStart.MONDAY
) -> Timetable:
    """The timetable for this weekday if the period is a week, and for this day if it has months."""
    due_on = period.calendar.due_on
    at = SendTime(minute, weekday if due_on == "weekday" else None, day if due_on == "day" else None)
    return timetable(at, period, zone, week_start)


def _is_due(timetable: Timetable, moment: datetime) -> bool:
    """Return whether the timetable is due on this date."""
    months = {Period.MONTH: range(1, 13), Period.QUARTER: (1, 4, 7, 10), Period.YEAR: (1,)}
    match timetable.period:
        case Period.DAY:
            return True
        case Period.WEEK:
            return moment.weekday() == timetable.offset
        case _:
            return moment.day == timetable.offset + 1 and moment.month in months[timetable.period]


def test_a_day_that_february_lacks_in_utc_is_refused() -> None:
    """The evening of the 28th in Niue is the 29th in UTC."""
    with pytest.raises(UsageError, match="which February lacks"):
        Timetable(Period.MONTH, "Pacific/Niue", minute=20 * 60, offset=27).in_utc(2026)


@given(
    zone=st.sampled_from(ZONES),
    period=st.sampled_from(PERIODS),
    minute=st.one_of(st.integers(0, 4 * 60), st.integers(0, 24 * 60 - 1)),
    day=st.integers(1, 28),
    week_start=st.sampled_from(WeekStart),
    after=MOMENTS,
)
def test_every_window_is_due_once_in_order_and_when_it_is_over(
    *, zone: str, period: Period, minute: int, day: int, week_start: WeekStart, after: datetime
) -> None:
    """In any time zone and at any time of day, windows are contiguous, and each is due after its end."""
    table = _timetable(period, zone, minute, weekday=day % 7, day=day, week_start=week_start)
    span = timedelta(days={Period.DAY: 40, Period.WEEK: 400}.get(period, 1500))
    found = list(table.occurrences(after, after + span))
    assert len(found) > 3
    assert all(after < each.moment <= after + span and each.window.end <= each.moment for each in found)
    for one, following in pairwise(found):
        assert one.moment < following.moment
        assert one.window.end == following.window.start
    assert found[0] == table.next(after)
    assert found[-1] == table.last(after + span)


@given(
    zone=st.sampled_from(ZONES),
    period=st.sampled_from(PERIODS),
    minute=st.integers(0, 24 * 60 - 1),
    after=MOMENTS,
    parts=st.lists(st.integers(1, 10_000), min_size=1, max_size=20),
)
def test_looking_often_finds_what_looking_once_finds(
    zone: str, period: Period, minute: int, after: datetime, parts: list[int]
) -> None:
    """Adjacent intervals contain every due time once, wherever they are split."""
    table = Timetable(period, zone, minute)
    cuts = [after]
    for part in parts:
        cuts.append(cuts[-1] + timedelta(minutes=part))
    piecewise = [each for one, other in pairwise(cuts) for each in table.occurrences(one, other)]
    assert piecewise == list(table.occurrences(after, cuts[-1]))


@pytest.mark.parametrize(
    ("zone", "at", "day", "moment"),
    [
        ("Europe/Berlin", "07:00", "2026-03-28", "2026-03-28 06:00"),
        ("Europe/Berlin", "07:00", "2026-03-29", "2026-03-29 05:00"),
        ("Europe/Berlin", "02:30", "2026-03-29", "2026-03-29 01:00"),  # skipped: 03:00 follows 01:59
        ("Europe/Berlin", "02:30", "2026-10-25", "2026-10-25 00:30"),  # twice
        ("America/New_York", "02:30", "2026-03-08", "2026-03-08 07:00"),
        ("America/New_York", "01:30", "2026-11-01", "2026-11-01 05:30"),
        ("Australia/Lord_Howe", "02:10", "2026-10-04", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "01:45", "2026-04-05", "2026-04-04 14:45"),
        ("Africa/Cairo", "00:30", "2026-04-24", "2026-04-23 22:00"),
        ("America/Havana", "00:30", "2026-11-01", "2026-11-01 04:30"),
        ("Pacific/Apia", "07:00", "2011-12-30", "2011-12-30 10:00"),
    ],
)
def test_a_skipped_time_is_the_first_after_it_and_a_repeated_one_the_first(
    zone: str, at: str, day: str, moment: str
) -> None:
    """If the clock skips 02:30, the report is due at the first time after it; if it repeats 02:30, at the first one."""
    table = timetable(read_time(at), Period.DAY, zone)
    due = datetime.fromisoformat(f"{moment}+00:00")
    found = next(table.occurrences(due - timedelta(minutes=1), due + timedelta(days=1)))
    assert found.moment == due
    assert found.window.until.isoformat() == day


@pytest.mark.parametrize(
    ("week_start", "at", "weekday"),
    [(WeekStart.MONDAY, "07:00", 0), (WeekStart.SUNDAY, "07:00", 6), (WeekStart.SUNDAY, "Tue 07:00", 1)],
)
def test_a_week_is_sent_on_the_first_day_after_it(week_start: WeekStart, at: str, weekday: int) -> None:
    """By default, a week is sent on the first day of the recipient's week."""
    assert timetable(read_time(at), Period.WEEK, "UTC", week_start).offset == weekday


@given(time=st.builds(SendTime, st.integers(0, 1439), st.none() | st.integers(0, 6)))
def test_a_time_fits_a_period_or_says_why_not(time: SendTime) -> None:
    """A weekday is valid only for a week; a time of day is valid for any period."""
    fitting = [period for period in PERIODS if time.misfit(period) is None]
    assert fitting == (list(PERIODS) if time.weekday is None else [Period.WEEK])
