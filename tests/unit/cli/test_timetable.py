"""When a schedule runs: as people write it, as cron and systemd read it, and in UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.cli.timetable import Timetable, read_at
from reporter.errors import UsageError
from reporter.window import Period

PERIODS = tuple(period for period in Period if period is not Period.CUSTOM)


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
    """Weekdays short or long, hours with or without a zero, days of the month."""
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
    """Whenever the clock that knows only UTC strikes, the local time that was asked for is there, or was this day.

    Only a first of the month that is still the month before in UTC comes later, at UTC's midnight.
    """
    local = Timetable(period, zone, minute=minute, weekday=weekday, day=day)
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
        else:  # past midnight by summer time
            assert _is_due(local, here - timedelta(hours=1))


def _is_due(timetable: Timetable, moment: datetime) -> bool:
    """Whether the timetable names this moment's date."""
    months = {Period.MONTH: range(1, 13), Period.QUARTER: (1, 4, 7, 10), Period.YEAR: (1,)}
    match timetable.period:
        case Period.DAY:
            return True
        case Period.WEEK:
            return moment.weekday() == timetable.weekday
        case _:
            return moment.day == timetable.day and moment.month in months[timetable.period]


def test_a_day_that_february_lacks_in_utc_is_refused() -> None:
    """The evening of the 28th in Niue is the 29th in UTC."""
    with pytest.raises(UsageError, match="which February lacks"):
        Timetable(Period.MONTH, "Pacific/Niue", minute=20 * 60, day=28).in_utc(2026)
