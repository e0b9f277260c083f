"""The nouns a report is made from: everything that, given again, gives the same bytes again.

`ReportData` is what the archive's `report.json` holds and what `verify` reads back, so nothing that shapes a document
may come from anywhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from reporter.domain.snapshot import Organization, Snapshot
from reporter.domain.window import Window

HISTORY = 13
"""Windows before the reported one: the points of a figure's line, the reported window not counted."""


class CurrencySource(StrEnum):
    """Where a report's currency comes from, or why it has none."""

    OPTION = "option"
    CONFIGURATION = "configuration"
    SALES_RECORDS = "sales-records"
    NO_RECORDS = "no-records"
    MIXED_RECORDS = "mixed-records"
    UNAVAILABLE = "unavailable"


class Paper(StrEnum):
    """The sheet a report is printed on."""

    A4 = "A4"
    LETTER = "Letter"


class Section(StrEnum):
    """The optional sections of page 2."""

    CHANNELS = "channels"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Brand:
    """How an organization's reports are dressed. `logo` is the picture's bytes, `logo_type` `svg` or `png`."""

    name: str | None = None
    color: str | None = None
    footer: str | None = None
    logo: bytes | None = None
    logo_type: str | None = None


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """What shapes a document beside its data. `figures` are keys of `analysis.metrics.FIGURES`, in order."""

    locale: str
    figures: tuple[str, ...]
    sections: tuple[Section, ...] = (Section.CHANNELS, Section.PIPELINE)
    template: str = "executive"
    paper: Paper = Paper.A4
    currency: str | None = None
    currency_source: CurrencySource = CurrencySource.NO_RECORDS
    brand: Brand = field(default_factory=Brand)
    targets: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revision:
    """The report takes the place of one that readers have. `number` is 2 or more, `reason` an operator's text."""

    number: int
    reason: str
    kind: Literal["revision"] = "revision"


@dataclass(frozen=True, slots=True)
class MarkedAsTest:
    """The report is sent to try the delivery, and tells nobody anything."""

    kind: Literal["trial"] = "trial"


Stamp = Revision | MarkedAsTest
"""What its reader must know first of a report that is not an ordinary one."""


@dataclass(frozen=True, slots=True)
class ReportData:
    """One report's whole input. `history` is oldest first and ends with the window before `previous`.

    A window of the history that could not be fetched is None: the line has a gap and the report says so.
    `reported` are windows of this report as an earlier one, or an earlier revision, told of them.
    `made_on` is the local date on which the API was asked: "data as of".
    """

    organization: Organization
    settings: ReportSettings
    made_on: date
    current: Snapshot
    previous: Snapshot
    history: tuple[Snapshot | None, ...] = ()
    stamp: Stamp | None = None
    reported: tuple[Snapshot, ...] = ()

    @property
    def window(self) -> Window:
        """The window reported on."""
        return self.current.window

    @property
    def snapshots(self) -> tuple[Snapshot | None, ...]:
        """Every window in time order, the reported one last."""
        return (*self.history, self.previous, self.current)
