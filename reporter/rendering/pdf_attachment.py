"""A file that travels inside the PDF, so that whoever has the pages also has what they were made from."""

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
"""What the table of the figures is called."""


class Relation(StrEnum):
    """What an enclosed file is to the pages, as PDF names it."""

    SOURCE = "Source"
    """The pages were made from it."""
    DATA = "Data"
    """It holds what the pages show, to calculate with."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One file: its name, which also tells its type, and a description for readers; `made_at` has a time zone."""

    name: str
    content: bytes
    description: str
    relation: Relation
    made_at: datetime


def enclosures(data: ReportData, view: ReportView, written: bytes) -> tuple[Enclosure, ...]:
    """What a report's PDF has attached: all its data as `written` down, and its figures as a table."""
    words = Words(parse_locale(data.settings.locale))
    made_at = local_midnight(data.made_on, data.window.timezone)
    return (  # in the order of their names, as PDF wants them
        Enclosure(FIGURES, figures_csv(data, view), words("The figures of this report (CSV)"), Relation.DATA, made_at),
        Enclosure(codec.FILE, written, words("All data of this report (JSON)"), Relation.SOURCE, made_at),
    )
