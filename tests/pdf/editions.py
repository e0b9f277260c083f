"""The reports whose PDFs are checked: in every language with a catalog, with usual, no, and hostile data.

Some are crowded: they have every optional part, and their tables span several pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from reporter.domain.report import Brand, Paper, ReportData, Revision
from reporter.domain.snapshot import Organization, ResponseRate, Sales, Snapshot, Stage
from reporter.domain.window import Period
from tests.golden.editions import Case
from tests.unit.archive.samples import LOGO
from tests.unit.rendering.words import TRANSLATED, spoken

LOCALES = ("en", *TRANSLATED)
CASES = {
    "typical": Case("Acme", Period.MONTH),
    "empty": Case("Not Yet Open", Period.WEEK),
    "hostile": Case("Odd Stage", Period.MONTH),
    "crowded": Case("Acme", Period.MONTH),
}
CROWDED = ("en", "ar", "hi", "ja")
"""The locales of crowded reports, one for each script, because page breaks are the same within a script."""
HOSTILE = "<b>&amp;</b> {{7*7}} \u202eevil\u202c \x00\x1b\ufffe\ud800 \U0001f600 ] ) \\ (" + "W" * 10_000
"""A name with every character that could break a file."""
LONG = "Новые обращения и заявки, переданные отделу продаж на расчёт"
"""A name that fills several lines of a cell, in a script that no catalog uses."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One report, by its kind of data and its locale."""

    nature: str
    locale: str

    def __str__(self) -> str:
        return f"{self.nature}-{self.locale}"

    def data(self) -> ReportData:
        """The report's data."""
        return _MAKE[self.nature](spoken(CASES[self.nature].data("en_US"), self.locale))


def _branded(data: ReportData, brand: Brand) -> ReportData:
    return replace(data, settings=replace(data.settings, brand=brand))


def _hostile(data: ReportData) -> ReportData:
    """The report with a hostile name wherever others choose the name."""
    assert data.current.sales
    sales = replace(data.current.sales, pipeline=(*data.current.sales.pipeline, Stage(HOSTILE, None, 3, Decimal(1))))
    named = replace(data, organization=Organization("HR/<1>", HOSTILE), current=replace(data.current, sales=sales))
    return _branded(named, Brand(name=HOSTILE, logo=LOGO, logo_type="svg", footer=HOSTILE))


def _typical(data: ReportData) -> ReportData:
    return _branded(data, Brand(name="Acme Group", logo=LOGO, logo_type="svg", footer="Acme Group, 1 Main Street"))


def _crowded(data: ReportData) -> ReportData:
    """The report on short sheets with targets, a reason, a restatement, and more names than fit on a page."""
    targets = {"response_rate": Decimal("0.8"), "response_time": Decimal(1800)}
    told = replace(data.previous, response_rate=ResponseRate(100, 40, Decimal("0.4")))
    named = replace(
        _typical(data),
        organization=Organization("HR_1", "«Ромашка» и партнёры"),
        stamp=Revision(2, LONG),
        current=_many_names(data.current, 3),
        previous=_many_names(data.previous, 2),
        reported=(told,),
    )
    return replace(named, settings=replace(named.settings, paper=Paper.LETTER, targets=targets))


def _many_names(snapshot: Snapshot, times: int) -> Snapshot:
    status = {10: "accepted"}
    stages = (Stage(f"{n}. {LONG}", status.get(n), (400 - 20 * n) * times, Decimal(10**6) * times) for n in range(15))
    channels = {f"{n}. {LONG}": (40 - n) * times for n in range(30)}
    return replace(snapshot, channels=channels, sales=Sales(tuple(stages), Decimal("0.4")))


_MAKE: Mapping[str, Callable[[ReportData], ReportData]] = {
    "typical": _typical,
    "empty": lambda data: data,
    "hostile": _hostile,
    "crowded": _crowded,
}
EDITIONS = tuple(
    Edition(nature, locale) for locale in LOCALES for nature in CASES if nature != "crowded" or locale in CROWDED
)
