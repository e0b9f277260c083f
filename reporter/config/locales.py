"""Defaults by a locale's territory: the first day of the week, and the paper size."""

from reporter.domain.report import Paper
from reporter.domain.window import WeekStart
from reporter.rendering.translation import parse_locale

LETTER_TERRITORIES = frozenset({"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"})
"""CLDR's supplemental `paperSize type="US-Letter"`, which Babel leaves out."""

_WEEK_STARTS = {0: WeekStart.MONDAY, 5: WeekStart.SATURDAY, 6: WeekStart.SUNDAY}


def week_start_of(locale: str) -> WeekStart:
    """First day of the week by CLDR; Monday for the few territories that use another than these three."""
    return _WEEK_STARTS.get(parse_locale(locale).first_week_day, WeekStart.MONDAY)


def paper_of(locale: str) -> Paper:
    """Paper size by CLDR: Letter in its territories, else A4."""
    return Paper.LETTER if parse_locale(locale).territory in LETTER_TERRITORIES else Paper.A4
