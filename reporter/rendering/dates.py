"""Windows and dates as text in the report's locale."""

from datetime import UTC, date, datetime

from babel.dates import format_date, format_datetime, format_interval, format_skeleton

from reporter.domain.window import Period, Window
from reporter.rendering.translation import Words


def window_name(words: Words, window: Window) -> str:
    """The window as a title: "April 2026", "Week 17, 20–26 Apr 2026", "1–12 Apr 2026 so far"."""
    return words.digits(_name(words, window))


def _name(words: Words, window: Window) -> str:
    if window.is_partial:
        return words("%(dates)s so far", dates=dates(words, window))
    match window.period:
        case Period.MONTH:
            return format_skeleton("yMMMM", window.first, locale=words.locale)
        case Period.QUARTER:
            return format_skeleton("yQQQQ", window.first, locale=words.locale)
        case Period.YEAR:
            return format_skeleton("y", window.first, locale=words.locale)
        case Period.WEEK if window.label.partition("-W")[2]:
            week = str(window.first.isocalendar().week)
            return words("Week %(week)s, %(dates)s", week=week, dates=dates(words, window))
        case _:
            return dates(words, window)


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


def exact_span(words: Words, window: Window) -> tuple[str, str]:
    """The window's start and exclusive end to the minute, in local time and in UTC."""
    local = f"{_instant(words, window.start)} – {_instant(words, window.end)}"
    universal = f"{_instant(words, window.start.astimezone(UTC))} – {_instant(words, window.end.astimezone(UTC))}"
    return local, universal


def _instant(words: Words, instant: datetime) -> str:
    return words.in_order(format_datetime(instant, "yyyy-MM-dd\N{NO-BREAK SPACE}HH:mm", locale=words.locale))
