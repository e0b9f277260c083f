"""Windows of time: resolve a date, a period, and a time zone into a window.

`resolve_window` is the entry point. A window is a half-open range of *local dates*; its ends are local midnights as
aware datetimes. Nothing here reads a clock: today's date is an argument.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from reporter.domain.errors import UsageError

DAY = timedelta(days=1)
EARLIEST = date(1990, 1, 1)
LATEST = date(2200, 1, 1)
LONGEST = timedelta(days=3653)
"""Ten years: the maximum length of a window."""


class Period(StrEnum):
    """The kinds of window that a report can cover."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CUSTOM = "custom"


class WeekStart(StrEnum):
    """The first weekday of a week."""

    MONDAY = "monday"
    SUNDAY = "sunday"
    SATURDAY = "saturday"


WEEKDAY = {WeekStart.MONDAY: 0, WeekStart.SATURDAY: 5, WeekStart.SUNDAY: 6}
"""The number of the first weekday of a week; 0 is Monday."""


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
        name = _label(self)
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


def resolve_window(
    *,
    period: Period,
    first: date | None,
    until: date | None,
    today: date,
    timezone: str,
    week_start: WeekStart,
    allow_partial: bool,
    as_of: date | None = None,
) -> Window:
    """The window for these options; with `first` and `until` it is a custom one, and `period` is ignored.

    With `allow_partial`, the window is the current period up to but excluding today, and a custom window ends today at
    the latest. `today` is the local date in `timezone`, a valid zone; `as_of`, an earlier date, replaces it.
    Raises `UsageError` if the dates do not form a window.
    """
    _refuse_senseless(first, until, as_of)
    _refuse_clock(today, as_of, timezone)
    today = as_of or today
    if first is not None and until is not None:
        window = custom(first, until, today, timezone)
    elif allow_partial:
        window = running(period, today, timezone, week_start)
    else:
        window = last_complete(period, today, timezone, week_start)
    _refuse_unfinished(window, allow_partial=allow_partial)
    return window


def local_midnight(day: date, timezone: str) -> datetime:
    """The first instant of a local date; if the clock skips midnight, the instant at which it resumes."""
    zone = ZoneInfo(timezone)
    return datetime.combine(day, time.min, zone).astimezone(UTC).astimezone(zone)


def first_of(period: Period, day: date, week_start: WeekStart = WeekStart.MONDAY) -> date:
    """The first date of the day, week, month, quarter, or year that contains `day`."""
    match period:
        case Period.WEEK:
            return day - timedelta(days=(day.weekday() - WEEKDAY[week_start]) % 7)
        case Period.MONTH:
            return day.replace(day=1)
        case Period.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case Period.YEAR:
            return day.replace(month=1, day=1)
        case Period.DAY | Period.CUSTOM:
            return day


def next_first(period: Period, first: date) -> date:
    """The first date of the period that follows the one beginning on `first`."""
    longest = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31, Period.QUARTER: 92, Period.YEAR: 366}
    inside_next = first + timedelta(days=longest[period])
    return inside_next if period in {Period.DAY, Period.WEEK} else first_of(period, inside_next)


def last_complete(period: Period, today: date, timezone: str, week_start: WeekStart = WeekStart.MONDAY) -> Window:
    """The last period that had ended when `today` began."""
    until = first_of(period, today, week_start)
    return Window(period, first_of(period, until - DAY, week_start), until, timezone, week_start)


def running(period: Period, today: date, timezone: str, week_start: WeekStart = WeekStart.MONDAY) -> Window:
    """The period that contains `today`, up to but excluding today; empty on the period's first day."""
    first = first_of(period, today, week_start)
    return Window(period, first, today, timezone, week_start, planned_until=next_first(period, first))


def custom(first: date, until: date, today: date, timezone: str) -> Window:
    """The dates `[first, until)`, without those from `today` on, which have not ended."""
    over = min(until, today)
    return Window(Period.CUSTOM, first, over, timezone, planned_until=until if over < until else None)


def _refuse_senseless(first: date | None, until: date | None, as_of: date | None) -> None:
    """Raise `UsageError` unless `first` and `until` come together and in order, and every date is plausible."""
    for option, day in (("--from", first), ("--until", until), ("--as-of", as_of)):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise UsageError(f"{option} {day} lies outside of what can be reported: {EARLIEST} to {LATEST}.")
    if first is None and until is None:
        return
    if until is None:
        raise UsageError(f"--from {first} needs --until DATE, the day after the window's last.")
    if first is None:
        raise UsageError(f"--until {until} needs --from DATE, the window's first day.")
    if first >= until:
        raise UsageError(f"--from {first} must lie before --until {until}: --until is the day after the window's last.")
    if until - first > LONGEST:
        raise UsageError(f"--from {first} --until {until} spans more than ten years; ask for a shorter window.")


def _refuse_clock(today: date, as_of: date | None, timezone: str) -> None:
    """Raise `UsageError` if the clock is implausible or `as_of` is in the future."""
    if not EARLIEST <= today <= LATEST:
        reach = f"outside of what can be reported, {EARLIEST} to {LATEST}"
        raise UsageError(f"The clock says that it is {today}, {reach}: set the clock, or SOURCE_DATE_EPOCH, right.")
    if as_of and as_of > today:
        raise UsageError(f"--as-of {as_of} lies in the future: in {timezone} it is {today}.")


def _refuse_unfinished(window: Window, *, allow_partial: bool) -> None:
    """Raise `UsageError` for a window that has not ended, unless that is allowed and at least one of its days has."""
    span = f"The {window.period} window that begins on {window.first}"
    if window.is_partial and not allow_partial:
        wait = f"it will be on {window.planned_until}; wait until then, or report what is over with --allow-partial."
        raise UsageError(f"{span} is not over: {wait}")
    if window.days < 1:
        raise UsageError(f"{span} cannot be reported so far: no day of it is over yet.")
    if window.start == window.end:  # Pacific/Apia skipped December 30, 2011: it moved across the date line
        raise UsageError(f"{span} is empty: {window.timezone} left that date out.")


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
