"""The first step of a report's way: today, a period and a time zone become a window of time.

A window is a half-open span of *local dates*; its ends are local midnights as aware datetimes. Nothing here reads
a clock: today's date is given.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


class Period(StrEnum):
    """The kinds of window a report can cover."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CUSTOM = "custom"


class WeekStart(StrEnum):
    """The weekday on which a week begins."""

    MONDAY = "monday"
    SUNDAY = "sunday"
    SATURDAY = "saturday"


_WEEKDAY = {WeekStart.MONDAY: 0, WeekStart.SATURDAY: 5, WeekStart.SUNDAY: 6}


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of local dates `[first, until)` in a named time zone.

    `planned_until` is set on a window that is not over yet: the date on which it will be; `until` is then the first
    date that is not over. `start` and `end` are aware datetimes in the zone; durations come from dates, never from
    hours, since a day may have 23, 23.5, 24, 24.5 or 25 of them.
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
        """The last local date inside the window, the one a reader is shown."""
        return self.until - DAY

    @property
    def days(self) -> int:
        """The number of local dates in the window."""
        return (self.until - self.first).days

    @property
    def is_partial(self) -> bool:
        """Whether the period is not over yet: a report of it is labelled "so far"."""
        return self.planned_until is not None

    @property
    def label(self) -> str:
        """The name of the window in the archive, e.g. `2026-W17`, `2026-04` or `2026-04-so-far-2026-04-12`."""
        name = _label(self)
        return f"{name}-so-far-{self.last.isoformat()}" if self.is_partial else name

    def previous(self) -> "Window":
        """The window this one is compared with: the period before, or an equal span of it when partial."""
        if self.period is Period.CUSTOM:
            return replace(self, first=self.first - (self.until - self.first), until=self.first, planned_until=None)
        period_first = first_of(self.period, (self.planned_until or self.until) - DAY, self.week_start)
        before = first_of(self.period, period_first - DAY, self.week_start)
        if not self.is_partial:
            return replace(self, first=before, until=period_first)
        span = self.until - self.first
        if before + span > period_first:  # 30 days of March do not fit into February: take the 30 days before March
            before = period_first - span
        return replace(self, first=before, until=before + span, planned_until=period_first)

    def history(self, count: int) -> tuple["Window", ...]:
        """The `count` windows before this one, oldest first; the last of them is `previous()`."""
        windows: list[Window] = []
        window = self
        for _ in range(count):
            window = window.previous()
            windows.append(window)
        return tuple(reversed(windows))


def local_midnight(day: date, timezone: str) -> datetime:
    """The first instant of a local date; where the clock skips midnight, that is the instant it resumes."""
    zone = ZoneInfo(timezone)
    return datetime.combine(day, time.min, zone).astimezone(UTC).astimezone(zone)


def first_of(period: Period, day: date, week_start: WeekStart = WeekStart.MONDAY) -> date:
    """The first date of the day, week, month, quarter or year that holds `day`."""
    match period:
        case Period.WEEK:
            return day - timedelta(days=(day.weekday() - _WEEKDAY[week_start]) % 7)
        case Period.MONTH:
            return day.replace(day=1)
        case Period.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case Period.YEAR:
            return day.replace(month=1, day=1)
        case Period.DAY | Period.CUSTOM:
            return day


def last_complete(period: Period, today: date, timezone: str, week_start: WeekStart = WeekStart.MONDAY) -> Window:
    """The last period that was over when `today` began."""
    until = first_of(period, today, week_start)
    return Window(period, first_of(period, until - DAY, week_start), until, timezone, week_start)


def running(period: Period, today: date, timezone: str, week_start: WeekStart = WeekStart.MONDAY) -> Window:
    """The period `today` lies in, up to and without today; empty on the period's first day."""
    first = first_of(period, today, week_start)
    return Window(period, first, today, timezone, week_start, planned_until=_next_first(period, first))


def custom(first: date, until: date, today: date, timezone: str) -> Window:
    """The dates `[first, until)`; those from `today` on are not over and are cut off."""
    over = min(until, today)
    return Window(Period.CUSTOM, first, over, timezone, planned_until=until if over < until else None)


def _next_first(period: Period, first: date) -> date:
    """The first date of the period after the one that begins on `first`."""
    longest = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31, Period.QUARTER: 92, Period.YEAR: 366}
    inside_next = first + timedelta(days=longest[period])
    return inside_next if period in {Period.DAY, Period.WEEK} else first_of(period, inside_next)


def _label(window: Window) -> str:
    first = window.first
    match window.period:
        case Period.WEEK if window.week_start is WeekStart.MONDAY:
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02}"
        case Period.DAY | Period.WEEK:
            return first.isoformat()
        case Period.MONTH:
            return f"{first:%Y-%m}"
        case Period.QUARTER:
            return f"{first.year}-Q{(first.month + 2) // 3}"
        case Period.YEAR:
            return f"{first.year}"
        case Period.CUSTOM:
            return f"{first.isoformat()}--{(window.planned_until or window.until).isoformat()}"
