"""When a schedule runs: read from `--at`; told as cron fields, as a calendar of systemd, or in UTC."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from reporter.errors import UsageError
from reporter.window import Period

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LAST_DAY = 28
"""The last day that every month has."""

_AT = re.compile(r"(?:(?P<word>[A-Za-z]{3})[a-z]*\s+|(?P<day>\d{1,2})\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})")
_MONTHS = {Period.MONTH: "*", Period.QUARTER: "1,4,7,10", Period.YEAR: "1"}
_TOLD = {Period.MONTH: "month", Period.QUARTER: "quarter's first month", Period.YEAR: "January"}


@dataclass(frozen=True, slots=True)
class Timetable:
    """One run a period: each day, on a weekday (0 is Monday), or on a day of the month, at a minute of the day."""

    period: Period
    zone: str
    minute: int = 7 * 60
    weekday: int = 0
    day: int = 1

    @property
    def clock(self) -> str:
        """The time of day as `07:00`."""
        return f"{self.minute // 60:02}:{self.minute % 60:02}"

    @property
    def cron(self) -> str:
        """The five fields of cron."""
        time = f"{self.minute % 60} {self.minute // 60}"
        match self.period:
            case Period.DAY:
                return f"{time} * * *"
            case Period.WEEK:
                return f"{time} * * {(self.weekday + 1) % 7}"
            case _:
                return f"{time} {self.day} {_MONTHS[self.period]} *"

    @property
    def calendar(self) -> str:
        """The same as systemd writes it, zone included."""
        match self.period:
            case Period.DAY:
                day = "*-*-*"
            case Period.WEEK:
                day = f"{WEEKDAYS[self.weekday]} *-*-*"
            case _:
                months = ",".join(month.zfill(2) if month != "*" else month for month in _months(self.period))
                day = f"*-{months}-{self.day:02}"
        return f"{day} {self.clock}:00 {self.zone}"

    def __str__(self) -> str:
        match self.period:
            case Period.DAY:
                day = "every day"
            case Period.WEEK:
                day = f"every {WEEKDAYS[self.weekday]}"
            case _:
                day = f"on day {self.day} of {'' if self.period is Period.YEAR else 'each '}{_TOLD[self.period]}"
        return f"{day} at {self.clock} ({self.zone})"

    def has_summer_time(self, year: int) -> bool:
        """Whether the zone's distance to UTC changes within the year."""
        return len(set(_offsets(self.zone, year))) > 1

    def in_utc(self, year: int) -> "Timetable":
        """The same in UTC by the year's smallest offset: right then, and later, never earlier, by summer time.

        Raises:
            UsageError: UTC's day would be one that not every month has.
        """
        shift, minute = divmod(self.minute - min(_offsets(self.zone, year)), 24 * 60)
        there = replace(self, zone="UTC", minute=minute)
        if self.period in {Period.DAY, Period.WEEK}:
            return replace(there, weekday=(self.weekday + shift) % 7)
        if self.day + shift > LAST_DAY:
            raise UsageError(f"{self} is day 29 in UTC, which February lacks: choose an earlier day with --at.")
        if self.day + shift < 1:  # the last day of the month before, which cron cannot say
            return replace(there, minute=0)
        return replace(there, day=self.day + shift)


def read_at(at: str | None, period: Period, zone: str) -> Timetable:
    """The timetable of `Mon 07:00`, `1 07:00` or `07:00`; without one, 07:00 on Monday or on day 1.

    Raises:
        UsageError: the text is no such time, or does not fit the period.
    """
    if at is None:
        return Timetable(period, zone)
    found = _AT.fullmatch(at.strip())
    if not found or int(found["hour"]) > 23 or int(found["minute"]) > 59:
        raise UsageError(
            f"--at {at!r} is not a time: write it like 'Mon 07:00', '1 07:00' (day of the month) or '07:00'."
        )
    timetable = Timetable(period, zone, minute=int(found["hour"]) * 60 + int(found["minute"]))
    if found["word"]:
        return replace(timetable, weekday=_weekday(at, found["word"], period))
    return replace(timetable, day=_day(at, int(found["day"]), period)) if found["day"] else timetable


def _weekday(at: str, word: str, period: Period) -> int:
    if period is not Period.WEEK:
        raise UsageError(
            f"--at {at!r} names a weekday, but the period is {period}: leave it out, or use --period week."
        )
    if word.capitalize() not in WEEKDAYS:
        raise UsageError(f"--at {at!r} names no weekday: use one of {', '.join(WEEKDAYS)}.")
    return WEEKDAYS.index(word.capitalize())


def _day(at: str, day: int, period: Period) -> int:
    if period not in _MONTHS:
        raise UsageError(f"--at {at!r} names a day of the month, but the period is {period}: leave it out.")
    if not 1 <= day <= LAST_DAY:
        raise UsageError(f"--at {at!r}: the day must be from 1 to {LAST_DAY}, which every month has.")
    return day


def _months(period: Period) -> list[str]:
    return _MONTHS[period].split(",")


def _offsets(zone: str, year: int) -> Iterator[int]:
    """The zone's minutes ahead of UTC in each month of the year."""
    for month in range(1, 13):
        offset = datetime(year, month, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        assert offset is not None
        yield int(offset.total_seconds()) // 60
