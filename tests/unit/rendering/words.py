"""Shared parts of the tests of a document's words: locales, and reports in them."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from babel import Locale

from reporter.domain.report import ReportData
from reporter.domain.snapshot import Organization, Sales, Snapshot, Stage
from reporter.rendering.numbers import Numbers
from reporter.rendering.render import make_view
from reporter.rendering.translation import Words, languages
from reporter.rendering.view import ReportView
from tests.unit.analysis import examples

LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR")
TRANSLATED = sorted(languages() - {"en"})
EVERY_LOCALE = (*LOCALES, *(name for name in TRANSLATED if not any(name[:2] == known[:2] for known in LOCALES)))
"""Each language at least once."""
NOTHING_READ = Snapshot(examples.WEEK)
"""A window for which the API has no data."""


def words(locale: str) -> Words:
    """The `Words` of a locale."""
    return Words(Locale.parse(locale))


def numbers(locale: str, currency: str | None = None) -> Numbers:
    """The `Numbers` of a locale."""
    return Numbers(words(locale), currency)


def spoken(data: ReportData, locale: str, **settings: Any) -> ReportData:
    """The report in a locale, with other settings."""
    return replace(data, settings=replace(data.settings, locale=locale, **settings))


def named(data: ReportData, name: str) -> ReportData:
    """The report of an organization of this name."""
    return replace(data, organization=Organization("HR_id_1", name))


def view(data: ReportData, locale: str = "en_US") -> ReportView:
    """The view of a report in a locale."""
    return make_view(spoken(data, locale))


def pipeline(snapshot: Snapshot, names: Iterator[str] | list[str]) -> Snapshot:
    """The snapshot with a stage of each name."""
    stages = tuple(Stage(name, None, 100 - place, Decimal(1000)) for place, name in enumerate(names))
    return replace(snapshot, sales=Sales(stages, Decimal("0.4")))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(html: str) -> _Reader:
    """A page as parsed: its elements, texts, and attributes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def plain(text: str) -> str:
    """The text without any space, since a layout may break a line and copying may add a space anywhere."""
    return "".join(text.split())
