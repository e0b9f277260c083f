"""The mails that are looked at: in every language there is a catalog for, of organizations ordinary and extreme."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from reporter.analysis.metrics import METRICS, Unit
from reporter.domain.report import Brand, ReportData, Revision
from reporter.domain.window import Period
from reporter.rendering.email_bodies import mail_html, mail_text
from reporter.rendering.render import make_view
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
"""A name, a footer, a reason that takes much room in HTML, much on the screen, and breaks nowhere by itself."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's two bodies, what they are made from, and what they show."""

    data: ReportData
    view: ReportView
    html: str
    text: str


def letter(data: ReportData, direction: str | None = None) -> Letter:
    """The mail of a report; in a `direction` that is not its language's, to see the layout mirrored."""
    view = make_view(data)
    view = replace(view, direction=direction) if direction else view
    return Letter(data, view, mail_html(data, view), mail_text(data, view))


def plain(case: Case, locale: str) -> ReportData:
    """The report as it comes, in dollars."""
    return spoken(case.data(locale), locale, currency="USD")


def dressed(case: Case, locale: str, color: str = "#ffe100") -> ReportData:
    """The same with all that can be on it: a stamp, targets, a brand in a colour that is hard to read."""
    targets = {key: Decimal("0.5") if metric.unit is Unit.RATE else Decimal(600) for key, metric in METRICS.items()}
    footer = "Northwind Inc. · 1 Main Street · Springfield"
    brand = Brand(name="Northwind", color=color, footer=footer, logo=LOGO, logo_type="png")
    stamp = Revision(2, "late answers have come in")
    return replace(spoken(plain(case, locale), locale, targets=targets, brand=brand), stamp=stamp)


def overfull(case: Case, locale: str) -> ReportData:
    """The same again with every text of others as long as it may be, and as long in HTML as can be."""
    data = named(dressed(case, locale), _LONGEST)
    brand = replace(data.settings.brand, name=_LONGEST, footer=_LONGEST)
    return replace(spoken(data, locale, brand=brand), stamp=Revision(2, _LONGEST))


def every(locales: Iterable[str] = EVERY_LOCALE) -> Iterator[Letter]:
    """Yield every email that the tests check, in these locales."""
    for locale in locales:
        for case in CASES:
            yield from (letter(make(case, locale)) for make in (plain, dressed, overfull))
            yield letter(dressed(case, locale), "rtl")
