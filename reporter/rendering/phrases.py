"""Texts about usual ranges, channels, periods, and currencies, in the source language.

Add the name of a new channel here, and update the catalogs with `python scripts/catalogs.py`.
"""

from reporter.analysis.behavior import Signal
from reporter.analysis.comparison import Verdict
from reporter.domain.report import CurrencySource
from reporter.domain.strings import mark
from reporter.domain.window import Period, Window
from reporter.rendering.translation import Words

# Below a value: its usual range.
USUAL_RANGE = mark("usual range: %(low)s to %(high)s")
USUAL = {
    Signal.ABOVE: mark("above the usual range: %(low)s to %(high)s"),
    Signal.BELOW: mark("below the usual range: %(low)s to %(high)s"),
}
USUALLY = mark("usually %(value)s")
IN_A_ROW = {
    Signal.RUN_ABOVE: mark("%(count)s in a row above the average of %(mean)s"),
    Signal.RUN_BELOW: mark("%(count)s in a row below the average of %(mean)s"),
}

CHANNELS = {
    "textMessages": mark("Text messages"),
    "calls": mark("Calls"),
    "emails": mark("Emails"),
    "liveChats": mark("Live chats"),
    "formRequests": mark("Form requests"),
}

VERDICTS = {
    Verdict.GOOD: mark("better"),
    Verdict.BAD: mark("worse"),
}

TITLES = {
    Period.DAY: mark("Daily report"),
    Period.WEEK: mark("Weekly report"),
    Period.MONTH: mark("Monthly report"),
    Period.QUARTER: mark("Quarterly report"),
    Period.YEAR: mark("Yearly report"),
    Period.CUSTOM: mark("Report"),
}

CURRENCY_NOTES = {
    CurrencySource.SALES_RECORDS: mark("Amounts are in %(currency)s, the currency of the sales records."),
    CurrencySource.OPTION: mark("Amounts are shown in %(currency)s, as set for this report; nothing was converted."),
    CurrencySource.CONFIGURATION: mark(
        "Amounts are shown in %(currency)s, as set for this report; nothing was converted."
    ),
    CurrencySource.NO_RECORDS: mark(
        "No currency is shown: none is set for this report, and the sales records name none."
    ),
    CurrencySource.MIXED_RECORDS: mark(
        "No currency is shown: the sales records are in more than one, and amounts may mix them."
    ),
    CurrencySource.UNAVAILABLE: mark("No currency is shown: the sales records that name it could not be read."),
}


def line_caption(words: Words, window: Window, points: int, low: str, high: str) -> str:
    """The caption below a figure's line: the number of windows and the range of their values."""
    number = _windows(words, window, points)
    if low == high:
        return words("%(number)s: %(value)s throughout", number=number, value=low)
    return words("%(number)s: %(low)s to %(high)s", number=number, low=low, high=high)


def _windows(words: Words, window: Window, points: int) -> str:
    """The number of windows with their unit; partial periods are counted as windows of equal length."""
    count = words.digits(points)
    match Period.CUSTOM if window.is_partial else window.period:
        case Period.DAY:
            return words.plural("%(count)s day", "%(count)s days", points, count=count)
        case Period.WEEK:
            return words.plural("%(count)s week", "%(count)s weeks", points, count=count)
        case Period.MONTH:
            return words.plural("%(count)s month", "%(count)s months", points, count=count)
        case Period.QUARTER:
            return words.plural("%(count)s quarter", "%(count)s quarters", points, count=count)
        case Period.YEAR:
            return words.plural("%(count)s year", "%(count)s years", points, count=count)
        case Period.CUSTOM:
            return words.plural(
                "%(count)s spans of %(days)s day",
                "%(count)s spans of %(days)s days",
                window.days,
                count=count,
                days=words.digits(window.days),
            )
