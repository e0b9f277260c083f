"""What is worth a sentence: the value between the comparison and its wording."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.comparison import Change
from reporter.analysis.metrics import Metric


class Finding(StrEnum):
    """The sentences the program can say; `document/wording` holds the words of each.

    Whether a rise or a fall is good news is said by the change's verdict, not by the finding: a response time that
    fell is good.
    """

    ROSE = "rose"
    """Larger than before, by more than chance; `change` has both values and the difference."""
    FELL = "fell"
    """Smaller than before, by more than chance, to zero perhaps."""
    STEADY = "steady"
    """Moved, but no more than chance or the windows' unequal lengths account for; both values may print alike."""
    UNCHANGED = "unchanged"
    """Equal in both windows; `Kind.NOTHING` in the change means that it is zero in both."""
    APPEARED = "appeared"
    """A count or money, from zero to something: no percentage; `change.notable` says whether chance would do."""
    QUIET = "quiet"
    """No conversation, message or sale in the window; said only where both conversations and sales were asked for.

    The only headline then. It has the metric of conversations and its change where the page shows that, else neither.
    """
    FEW = "few"
    """Only `count` conversations (1 to 9): too few to judge how they were answered.

    The metric is that of conversations, or of the response rate where the page shows no count of conversations.
    """


@dataclass(frozen=True, slots=True)
class Headline:
    """One sentence to be: what happened to which metric, and how much it matters (larger first).

    `metric` and `change` are None only on a `QUIET` headline; `count` is set only on a `FEW` one.
    """

    finding: Finding
    metric: Metric | None
    change: Change | None
    importance: Decimal
    count: int | None = None
