"""The reports that are read back: in every language, ordinary and extreme, with restatements and conflicting data."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from reporter.analysis.metric import Unit
from reporter.domain.report import ReportData
from reporter.rendering.render import make_view, written
from reporter.rendering.view import ReportView, ValueView
from tests.golden.editions import Case
from tests.mail.mails import CASES, EVERY_LOCALE, dressed
from tests.unit.rendering.reading import says

EVERY = pytest.mark.parametrize(
    ("case", "locale"), [(case, locale) for locale in EVERY_LOCALE for case in CASES], ids=str
)


class Report:
    """One report, as rendered and as in `report.json`."""

    def __init__(self, data: ReportData, locale: str) -> None:
        self.data, self.locale = data, locale
        self.view: ReportView = make_view(data)
        kept: dict[str, Any] = json.loads(written(data, self.view))
        self.figures: dict[str, dict[str, Any]] = {figure["key"]: figure for figure in kept["figures"]}

    def says(self, text: str, unit: Unit, *expected: Decimal, roundings: int = 1, of: Decimal = Decimal(0)) -> bool:
        """Return whether these are the numbers of the text, in their order and unit."""
        return says(text, self.locale, unit, *expected, roundings=roundings, of=of)

    def values(self) -> Iterator[ValueView]:
        """Every number of page 1."""
        return (value for figure in self.view.figures for value in figure.values)


@cache
def made(case: Case, locale: str) -> Report:
    """The report of this case, with targets, a restatement, and conflicting data."""
    return Report(_contradicted(dressed(case, locale)), locale)


def _contradicted(data: ReportData) -> ReportData:
    """The report with restated figures, and with channels that exceed the total."""
    rate, volume, channels = data.previous.response_rate, data.previous.volume, data.current.channels
    if not rate or not volume or not rate.rate or not channels:
        return data
    lower = replace(rate, responded=rate.responded // 2, rate=Decimal("0.31"))
    told = replace(data.previous, response_rate=lower, volume=replace(volume, conversations=volume.conversations * 2))
    more = {key: count + 7 for key, count in channels.items()}
    return replace(data, reported=(told,), current=replace(data.current, channels=more))
