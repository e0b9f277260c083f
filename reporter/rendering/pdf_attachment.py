"""Files attached to the PDF: the data and figures it was rendered from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reporter import codec
from reporter.domain.report import ReportData
from reporter.domain.window import local_midnight
from reporter.rendering.exports.csv import figures_csv
from reporter.rendering.translation import Words, parse_locale
from reporter.rendering.view import ReportView

FIGURES = "figures.csv"
"""File name of the table of figures."""


class Relation(StrEnum):
    """Relationship of an attached file to the pages (`AFRelationship` in PDF)."""

    SOURCE = "Source"
    """The pages were rendered from it."""
    DATA = "Data"
    """It contains the pages' figures for further processing."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One attached file: its name with extension, and a description; `made_at` has a time zone."""

    name: str
    content: bytes
    description: str
    relation: Relation
    made_at: datetime


def enclosures(data: ReportData, view: ReportView, written: bytes) -> tuple[Enclosure, ...]:
    """The files attached to a report's PDF: all its data, as in `written`, and its figures as a table."""
    words = Words(parse_locale(data.settings.locale))
    made_at = local_midnight(data.made_on, data.window.timezone)
    return (  # sorted by name, as PDF requires
        Enclosure(FIGURES, figures_csv(data, view), words("The figures of this report (CSV)"), Relation.DATA, made_at),
        Enclosure(codec.FILE, written, words("All data of this report (JSON)"), Relation.SOURCE, made_at),
    )
