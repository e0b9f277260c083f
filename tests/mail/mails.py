"""The emails that the tests check: in every language with a catalog, for ordinary and extreme organizations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from reporter.analysis.metric import Unit
from reporter.analysis.metrics import METRICS
from reporter.domain.report import Brand, ReportData, Revision
from reporter.domain.window import Period
from reporter.rendering.render import mail_html, mail_text, make_view
from reporter.rendering.view import ReportView
from tests.golden.editions import HUGE, Case
from tests.unit.config.test_files import png
from tests.unit.rendering.words import TRANSLATED, named, spoken

EVERY_LOCALE = ("en_US", "en_GB", *TRANSLATED)
CASES = (
    Case("Acme", Period.MONTH),
    Case("Odd Stage", Period.MONTH),
    Case("Not Yet Open", Period.WEEK),
    Case(HUGE, Period.MONTH),
)
LOGO = png(360, 72)
_LONGEST = "&W" * 400
"""A name, footer, and reason that are long in HTML, wide on the screen, and cannot be broken."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An email's two bodies, their input, and their figures."""

    data: ReportData
    view: ReportView
    html: str
    text: str


def letter(data: ReportData, direction: str | None = None) -> Letter:
    """The email of a report; with a `direction` other than its language's, to see the layout mirrored."""
    view = make_view(data)
    view = replace(view, direction=direction) if direction else view
    return Letter(data, view, mail_html(data, view), mail_text(data, view))


def plain(case: Case, locale: str) -> ReportData:
    """The report with default settings, in dollars."""
    return spoken(case.data(locale), locale, currency="USD")


def dressed(case: Case, locale: str, color: str = "#ffe100") -> ReportData:
    """The same report with everything optional: a stamp, targets, and a brand color that is hard to read."""
    targets = {key: Decimal("0.5") if metric.unit is Unit.RATE else Decimal(600) for key, metric in METRICS.items()}
    footer = "Northwind Inc. · 1 Main Street · Springfield"
    brand = Brand(name="Northwind", color=color, footer=footer, logo=LOGO, logo_type="png")
    stamp = Revision(2, "late answers have come in")
    return replace(spoken(plain(case, locale), locale, targets=targets, brand=brand), stamp=stamp)


def overfull(case: Case, locale: str) -> ReportData:
    """The same report with every outside text at its maximum length, in characters and in HTML."""
    data = named(dressed(case, locale), _LONGEST)
    brand = replace(data.settings.brand, name=_LONGEST, footer=_LONGEST)
    return replace(spoken(data, locale, brand=brand), stamp=Revision(2, _LONGEST))


def every(locales: Iterable[str] = EVERY_LOCALE) -> Iterator[Letter]:
    """Yield every email that the tests check, in these locales."""
    for locale in locales:
        for case in CASES:
            yield from (letter(make(case, locale)) for make in (plain, dressed, overfull))
            yield letter(dressed(case, locale), "rtl")
