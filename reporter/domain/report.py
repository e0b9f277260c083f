"""The input of a report: the same values always render to the same bytes.

`ReportData` is what the archive's `report.json` contains and what `verify` reads, so nothing else may influence a
document.
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
"""Windows before the reported one in a figure's trend line; the reported window is not counted."""


class CurrencySource(StrEnum):
    """The source of a report's currency, or the reason why it has none."""

    OPTION = "option"
    CONFIGURATION = "configuration"
    SALES_RECORDS = "sales-records"
    NO_RECORDS = "no-records"
    MIXED_RECORDS = "mixed-records"
    UNAVAILABLE = "unavailable"


class Paper(StrEnum):
    """The paper size of a report."""

    A4 = "A4"
    LETTER = "Letter"


class Section(StrEnum):
    """The optional sections of page 2."""

    CHANNELS = "channels"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Brand:
    """The branding of an organization's reports. `logo` is the image's bytes, `logo_type` is `svg` or `png`."""

    name: str | None = None
    color: str | None = None
    footer: str | None = None
    logo: bytes | None = None
    logo_type: str | None = None


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """What shapes a document besides its data. `figures` are keys of `analysis.metrics.FIGURES`, in order."""

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
    """The report replaces one that was already sent. `number` is 2 or more, `reason` is the operator's text."""

    number: int
    reason: str
    kind: Literal["revision"] = "revision"


@dataclass(frozen=True, slots=True)
class MarkedAsTest:
    """The report is a test send, which informs no recipient."""

    kind: Literal["trial"] = "trial"


Stamp = Revision | MarkedAsTest
"""What a report that is not an ordinary one says first."""


@dataclass(frozen=True, slots=True)
class ReportData:
    """One report's complete input. `history` is oldest first and ends with the window before `previous`.

    A window of the history that could not be fetched is None: the line has a gap, and the report says so.
    `reported` are windows of this report as an earlier report or an earlier revision showed them.
    `made_on` is the local date on which the API was queried: "data as of".
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
        """The reported window."""
        return self.current.window

    @property
    def snapshots(self) -> tuple[Snapshot | None, ...]:
        """Every window in chronological order, the reported one last."""
        return (*self.history, self.previous, self.current)
