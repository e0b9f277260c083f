"""Windows and dates as text in the report's locale."""

from datetime import UTC, date, datetime

from babel.dates import format_date, format_datetime, format_interval, format_skeleton

from reporter.domain.window import Period, WeekStart, Window
from reporter.rendering.translation import Words

_SKELETONS = {Period.MONTH: "yMMMM", Period.QUARTER: "yQQQQ", Period.YEAR: "y"}


def window_name(words: Words, window: Window) -> str:
    """The window as a title: "April 2026", "Week 17, 20–26 Apr 2026", "1–12 Apr 2026 so far"."""
    days = dates(words, window)
    if window.is_partial:
        return words("%(dates)s so far", dates=days)
    if window.period in _SKELETONS:
        return words.digits(format_skeleton(_SKELETONS[window.period], window.first, locale=words.locale))
    if window.period is Period.WEEK and window.week_start is WeekStart.MONDAY:
        return words("Week %(week)s, %(dates)s", week=words.digits(window.first.isocalendar().week), dates=days)
    return days


def capitalized(period: str) -> str:
    """The period with an initial capital, for headings; many languages do not capitalize month names."""
    return period[0].upper() + period[1:]


def dates(words: Words, window: Window) -> str:
    """The window's first and last local date, both inclusive."""
    if window.days == 1:
        return words.digits(format_skeleton("yMMMEd", window.first, locale=words.locale))
    interval = format_interval(window.first, window.last, "yMMMd", locale=words.locale)
    return words.digits(interval.replace("\N{THIN SPACE}", " "))


def day(words: Words, value: date) -> str:
    """One date in full."""
    return words.digits(format_date(value, "long", locale=words.locale))


def exact_dates(words: Words, window: Window) -> str:
    """The window's start and exclusive end to the minute, in local time and in UTC."""
    return words(
        "%(local)s (%(zone)s), the end not included; in UTC: %(universal)s.",
        local=_instants(words, window.start, window.end),
        zone=window.timezone,
        universal=_instants(words, window.start.astimezone(UTC), window.end.astimezone(UTC)),
    )


def _instants(words: Words, *instants: datetime) -> str:
    form = "yyyy-MM-dd\N{NO-BREAK SPACE}HH:mm"
    return " – ".join(words.in_order(format_datetime(instant, form, locale=words.locale)) for instant in instants)
