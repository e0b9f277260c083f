"""What is worth a sentence: the value between the comparison and its wording."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.comparison import Change
from reporter.analysis.metrics import Metric


class Finding(StrEnum):
    """The sentences the program can say; `document/wording` holds the words of each."""

    ROSE = "rose"
    FELL = "fell"
    STEADY = "steady"
    """Moved, but no more than chance would."""
    UNCHANGED = "unchanged"
    APPEARED = "appeared"
    """From zero to something."""
    QUIET = "quiet"
    """Nothing happened in this window at all."""
    FEW = "few"
    """Too few conversations for a verdict."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One sentence to be: what happened to which metric, and how much it matters (larger first)."""

    finding: Finding
    metric: Metric | None
    change: Change | None
    importance: Decimal
