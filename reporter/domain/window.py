"""Periods and windows of time: the calendar of each period, and the window of a period around a date.

A window is a half-open range of *local dates*; its ends are local midnights as
aware datetimes. Nothing here reads a clock: today's date is an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal, Self
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


class WeekStart(StrEnum):
    """The first weekday of a week."""

    MONDAY = "monday"
    SUNDAY = "sunday"
    SATURDAY = "saturday"


WEEKDAY = {WeekStart.MONDAY: 0, WeekStart.SATURDAY: 5, WeekStart.SUNDAY: 6}
"""The number of the first weekday of a week; 0 is Monday."""


@dataclass(frozen=True, slots=True)
class PeriodCalendar:
    """The calendar of one kind of period.

    `first` gives the first date of the period that contains a date, `longest` the most days of a period, and `label`
    the name of a window in the archive. A report is due on a `weekday` or on a `day` of the month if `due_on` says so,
    else on every day. `cron` (day, month, and weekday), `systemd` (date), and `words` express that; in them, `{day}`
    and `{weekday}` stand for the chosen one, and `{cron_weekday}` for its number in cron. A custom window is never due.
    """

    name: str
    first: Callable[[date, WeekStart], date]
    longest: int
    label: Callable[["Window"], str]
    due_on: Literal["weekday", "day"] | None = None
    cron: str = ""
    systemd: str = ""
    words: str = ""


def _same_day(day: date, _week_start: WeekStart) -> date:
    return day


def _first_weekday(day: date, week_start: WeekStart) -> date:
    return day - timedelta(days=(day.weekday() - WEEKDAY[week_start]) % 7)


def _first_of_months(count: int) -> Callable[[date, WeekStart], date]:
    return lambda day, _week_start: day.replace(month=day.month - (day.month - 1) % count, day=1)


def _week_label(window: "Window") -> str:
    year, week, _ = window.first.isocalendar()
    return f"{year}-W{week:02}" if window.week_start is WeekStart.MONDAY else window.first.isoformat()


class Period(StrEnum):
    """The kinds of window that a report can cover, each with its calendar.

    A new period is one entry here, and its words in the reports' catalogs.
    """

    _value_: str
    calendar: PeriodCalendar

    def __new__(cls, calendar: PeriodCalendar) -> Self:
        """Make a member that is equal to the period's name."""
        member = str.__new__(cls, calendar.name)
        member._value_ = calendar.name
        member.calendar = calendar
        return member

    DAY = PeriodCalendar(
        name="day",
        first=_same_day,
        longest=1,
        label=lambda window: window.first.isoformat(),
        cron="* * *",
        systemd="*-*-*",
        words="every day",
    )
    WEEK = PeriodCalendar(
        name="week",
        first=_first_weekday,
        longest=7,
        label=_week_label,
        due_on="weekday",
        cron="* * {cron_weekday}",
        systemd="{weekday} *-*-*",
        words="every {weekday}",
    )
    MONTH = PeriodCalendar(
        name="month",
        first=_first_of_months(1),
        longest=31,
        label=lambda window: f"{window.first:%Y-%m}",
        due_on="day",
        cron="{day} * *",
        systemd="*-*-{day:02}",
        words="on day {day} of each month",
    )
    QUARTER = PeriodCalendar(
        name="quarter",
        first=_first_of_months(3),
        longest=92,
        label=lambda window: f"{window.first.year}-Q{(window.first.month + 2) // 3}",
        due_on="day",
        cron="{day} 1,4,7,10 *",
        systemd="*-01,04,07,10-{day:02}",
        words="on day {day} of each quarter's first month",
    )
    YEAR = PeriodCalendar(
        name="year",
        first=_first_of_months(12),
        longest=366,
        label=lambda window: f"{window.first.year}",
        due_on="day",
        cron="{day} 1 *",
        systemd="*-01-{day:02}",
        words="on day {day} of January",
    )
    CUSTOM = PeriodCalendar(
        name="custom",
        first=_same_day,
        longest=1,
        label=lambda window: f"{window.first.isoformat()}--{(window.planned_until or window.until).isoformat()}",
    )


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open range of local dates `[first, until)` in a named time zone.

    `planned_until` is set on a window that ends before its period does: the first date after the period; `until` is
    then the first date left out. `start` and `end` are aware datetimes in the zone; durations are computed from dates,
    never from hours, as a day may have 23, 23.5, 24, 24.5, or 25 of them.
    """

    period: Period
    first: date
    until: date
    timezone: str
    week_start: WeekStart = WeekStart.MONDAY
    planned_until: date | None = None

    @property
    def start(self) -> datetime:
        """The first instant, inclusive, as local time."""
        return local_midnight(self.first, self.timezone)

    @property
    def end(self) -> datetime:
        """The first instant after the window, as local time."""
        return local_midnight(self.until, self.timezone)

    @property
    def last(self) -> date:
        """The last local date in the window, which reports show."""
        return self.until - DAY

    @property
    def days(self) -> int:
        """The number of local dates in the window."""
        return (self.until - self.first).days

    @property
    def is_partial(self) -> bool:
        """Whether the window has only the beginning of its period: its report is labeled "so far"."""
        return self.planned_until is not None

    @property
    def label(self) -> str:
        """The name of the window in the archive, e.g. `2026-W17`, `2026-04`, or `2026-04-so-far-2026-04-12`."""
        name = self.period.calendar.label(self)
        return f"{name}-so-far-{self.last.isoformat()}" if self.is_partial else name

    def previous(self) -> "Window":
        """The comparison window: the one before, or its first part of equal length if this one is partial."""
        return self.history(1)[0]

    def history(self, count: int) -> tuple["Window", ...]:
        """The `count` windows before this one, oldest first; the last of them is `previous()`.

        Windows before a partial one have the same number of days, counted from the beginning of their period.
        """
        windows: list[Window] = []
        until = self.first
        for _ in range(count):
            first = until - self._span if self.period is Period.CUSTOM else self._first_of(until - DAY)
            windows.append(self._compared_with(first, until))
            until = first
        return tuple(reversed(windows))

    @property
    def _span(self) -> timedelta:
        return self.until - self.first

    def _first_of(self, day: date) -> date:
        return first_of(self.period, day, self.week_start)

    def _compared_with(self, first: date, until: date) -> "Window":
        """The window `[first, until)`, or the part of it that a partial window is compared with."""
        over = first + self._span
        if not self.is_partial or over == until:
            return replace(self, first=first, until=until, planned_until=None)
        if over > until:  # 30 days of March do not fit into February: the 30 days before March, no longer a month
            return replace(self, period=Period.CUSTOM, first=until - self._span, until=until, planned_until=None)
        return replace(self, first=first, until=over, planned_until=until)


def local_midnight(day: date, timezone: str) -> datetime:
    """The first instant of a local date; if the clock skips midnight, the instant at which it resumes."""
    zone = ZoneInfo(timezone)
    return datetime.combine(day, time.min, zone).astimezone(UTC).astimezone(zone)


def first_of(period: Period, day: date, week_start: WeekStart = WeekStart.MONDAY) -> date:
    """The first date of the day, week, month, quarter, or year that contains `day`."""
    return period.calendar.first(day, week_start)


def next_first(period: Period, first: date, week_start: WeekStart = WeekStart.MONDAY) -> date:
    """The first date of the period that follows the one beginning on `first`."""
    return first_of(period, first + timedelta(days=period.calendar.longest), week_start)


def last_complete(period: Period, today: date, timezone: str, week_start: WeekStart = WeekStart.MONDAY) -> Window:
    """The last period that had ended when `today` began."""
    until = first_of(period, today, week_start)
    return Window(period, first_of(period, until - DAY, week_start), until, timezone, week_start)


def running(period: Period, today: date, timezone: str, week_start: WeekStart = WeekStart.MONDAY) -> Window:
    """The period that contains `today`, up to but excluding today; empty on the period's first day."""
    first = first_of(period, today, week_start)
    return Window(period, first, today, timezone, week_start, planned_until=next_first(period, first, week_start))


def custom(first: date, until: date, today: date, timezone: str) -> Window:
    """The dates `[first, until)`, without those from `today` on, which have not ended."""
    over = min(until, today)
    return Window(Period.CUSTOM, first, over, timezone, planned_until=until if over < until else None)
