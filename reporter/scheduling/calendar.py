"""The calendar of schedules: the local times at which a report is due, and the window reported on at each.

A time is read from `send_at` or `--at`, and converted to instants, cron fields, a systemd calendar, or UTC.
Nothing here reads a clock.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reporter.domain.errors import UsageError
from reporter.domain.window import DAY, WEEKDAY, Period, WeekStart, Window, first_of, last_complete, next_first

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LAST_DAY = 28
"""The last day of the month that every month has."""

_AT = re.compile(r"(?:(?P<word>[A-Za-z]{3})[a-z]*\s+|(?P<day>\d{1,2})\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})")


@dataclass(frozen=True, slots=True)
class SendTime:
    """A time as the operator wrote it: minute of the day, and a weekday (0 is Monday), a day of the month, or none."""

    minute: int = 7 * 60
    weekday: int | None = None
    day: int | None = None

    def misfit(self, period: Period) -> str | None:
        """The reason why the time does not fit this period, or None."""
        if self.weekday is not None and period.calendar.due_on != "weekday":
            return f"names a weekday, but the period is {period}"
        if self.day is not None and period.calendar.due_on != "day":
            return f"names a day of the month, but the period is {period}"
        return None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An instant, in UTC, at which a report is due, and the window reported on then, which has ended."""

    moment: datetime
    window: Window


@dataclass(frozen=True, slots=True)
class Timetable:
    """One run per period, `offset` days after its first date (in a week: after Monday), at a minute of the day."""

    period: Period
    zone: str
    minute: int = 7 * 60
    offset: int = 0
    week_start: WeekStart = WeekStart.MONDAY

    def occurrences(self, after: datetime, until: datetime) -> Iterator[Occurrence]:
        """What is due after `after` and up to and including `until`, in order; empty windows are left out."""
        first = first_of(self.period, _local_date(after, self.zone) - DAY)
        last = _local_date(until, self.zone)
        while first <= last:
            occurrence = self._within(first)
            if after < occurrence.moment <= until and occurrence.window.start < occurrence.window.end:
                yield occurrence
            first = next_first(self.period, first)

    def next(self, after: datetime) -> Occurrence:
        """The first occurrence after `after`."""
        return next(self.occurrences(after, after + self._reach))

    def last(self, until: datetime) -> Occurrence:
        """The last occurrence up to and including `until`."""
        *_, latest = self.occurrences(until - self._reach, until)
        return latest

    @property
    def _reach(self) -> timedelta:
        """Longer than a period: something is due within it, even where a zone skips a date."""
        return timedelta(days=self.period.calendar.longest + 2)

    def _within(self, first: date) -> Occurrence:
        """The occurrence in the period that begins on this date; a week begins on Monday here."""
        day = first + timedelta(days=self.offset)
        window = last_complete(self.period, day, self.zone, self.week_start)
        return Occurrence(_moment(day, self.minute, self.zone), window)

    @property
    def clock(self) -> str:
        """The time of day, e.g. `07:00`."""
        return f"{self.minute // 60:02}:{self.minute % 60:02}"

    @property
    def cron(self) -> str:
        """The five cron fields."""
        return f"{self.minute % 60} {self.minute // 60} {self._filled(self.period.calendar.cron)}"

    @property
    def calendar(self) -> str:
        """The systemd `OnCalendar` expression, with the time zone."""
        return f"{self._filled(self.period.calendar.systemd)} {self.clock}:00 {self.zone}"

    def __str__(self) -> str:
        return f"{self._filled(self.period.calendar.words)} at {self.clock} ({self.zone})"

    def _filled(self, pattern: str) -> str:
        weekday = self.offset % 7
        return pattern.format(day=self.offset + 1, weekday=WEEKDAYS[weekday], cron_weekday=(weekday + 1) % 7)

    def has_summer_time(self, year: int) -> bool:
        """Whether the zone's UTC offset changes within the year."""
        return len(set(_offsets(self.zone, year))) > 1

    def in_utc(self, year: int) -> "Timetable":
        """The timetable in UTC by the year's smallest offset: exact at that offset, otherwise late but never early.

        Raises:
            UsageError: the day in UTC would be one that not every month has.
        """
        shift, minute = divmod(self.minute - min(_offsets(self.zone, year)), 24 * 60)
        in_utc = replace(self, zone="UTC", minute=minute)
        match self.period.calendar.due_on:
            case "weekday":
                return replace(in_utc, offset=(self.offset + shift) % 7)
            case "day" if self.offset + shift >= LAST_DAY:
                raise UsageError(f"{self} is day 29 in UTC, which February lacks: choose an earlier day with --at.")
            case "day" if self.offset + shift < 0:  # the last day of the previous month, which cron cannot express
                return replace(in_utc, minute=0)
            case "day":
                return replace(in_utc, offset=self.offset + shift)
            case None:
                return in_utc


@dataclass(frozen=True, slots=True)
class EveryQuarterHour:
    """A run every 15 minutes in any zone; each report's own schedule decides what is due."""

    period: str = "due"
    zone: str = "UTC"
    cron: str = "*/15 * * * *"
    calendar: str = "*:0/15"

    def __str__(self) -> str:
        return "every 15 minutes"

    def has_summer_time(self, _year: int) -> bool:
        """Return False, as it is the same all year."""
        return False

    def in_utc(self, _year: int) -> "EveryQuarterHour":
        """The same timetable, as it does not depend on a zone."""
        return self


def read_time(text: str) -> SendTime:
    """Parse `Mon 07:00`, `1 07:00` (day of the month), or `07:00`; raises UsageError."""
    found = _AT.fullmatch(text.strip())
    if not found or int(found["hour"]) > 23 or int(found["minute"]) > 59:
        raise UsageError(f"{text!r} is not a time: write it like 'Mon 07:00', '1 07:00' (day of the month) or '07:00'.")
    weekday = _weekday(text, found["word"]) if found["word"] else None
    day = _day(text, int(found["day"])) if found["day"] else None
    return SendTime(int(found["hour"]) * 60 + int(found["minute"]), weekday, day)


def timetable(at: SendTime, period: Period, zone: str, week_start: WeekStart = WeekStart.MONDAY) -> Timetable:
    """The timetable for a time that fits the period; by default on the first day after the window."""
    weekday = WEEKDAY[week_start] if at.weekday is None else at.weekday
    offsets = {"weekday": weekday, "day": (at.day or 1) - 1, None: 0}
    return Timetable(period, zone, at.minute, offsets[period.calendar.due_on], week_start)


def read_at(at: str | None, period: Period, zone: str) -> Timetable:
    """The timetable for `--at`; by default, 07:00 on Monday or on day 1.

    Raises:
        UsageError: the text is not a valid time, or does not fit the period.
    """
    try:
        read = read_time(at) if at is not None else SendTime()
    except UsageError as error:
        raise UsageError(f"--at {error}") from None
    if misfit := read.misfit(period):
        raise UsageError(f"--at {at!r} {misfit}: leave it out, or choose another --period.")
    return timetable(read, period, zone)


def _weekday(text: str, word: str) -> int:
    if word.capitalize() not in WEEKDAYS:
        raise UsageError(f"{text!r} names no weekday: use one of {', '.join(WEEKDAYS)}.")
    return WEEKDAYS.index(word.capitalize())


def _day(text: str, day: int) -> int:
    if not 1 <= day <= LAST_DAY:
        raise UsageError(f"{text!r}: the day must be from 1 to {LAST_DAY}, which every month has.")
    return day


def _local_date(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _moment(day: date, minute: int, zone: str) -> datetime:
    """The instant of a local time: the first of two, or, if the clock skips it, the one at which it resumes."""
    local = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(zone))
    moment, early = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if early >= moment:
        return moment
    resumed = local.replace(fold=1).utcoffset()  # the clock moves forward in between
    seconds = range(int((moment - early).total_seconds()))
    skipped = bisect_left(seconds, True, key=lambda second: _offset(early + timedelta(seconds=second), zone) == resumed)
    return early + timedelta(seconds=skipped)


def _offset(moment: datetime, zone: str) -> timedelta | None:
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


def _offsets(zone: str, year: int) -> Iterator[int]:
    """The zone's UTC offset in minutes in each month of the year."""
    for month in range(1, 13):
        offset = _offset(datetime(year, month, 1, tzinfo=UTC), zone)
        assert offset is not None
        yield int(offset.total_seconds()) // 60
