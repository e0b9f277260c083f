"""What is worth a sentence: the value between the comparison and its wording."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.behavior import Behaviour
from reporter.analysis.comparison import Change
from reporter.analysis.decomposition import Driver
from reporter.analysis.metrics import Metric


class HighlightKind(StrEnum):
    """The sentences the program can say; `document/wording` holds the words of each.

    Whether a rise or a fall is good news is said by the change's verdict, not by the finding: a response time that
    fell is good.
    """

    ROSE = "rose"
    """Larger than before, beyond noise; `change` has both values and the difference."""
    FELL = "fell"
    """Smaller than before, beyond noise, to zero perhaps."""
    STEADY = "steady"
    """Moved, but within the usual range, or no more than chance or unequal windows account for.

    Both values may print alike.
    """
    UNCHANGED = "unchanged"
    """Equal in both windows; `Kind.NOTHING` in the change means that it is zero in both."""
    APPEARED = "appeared"
    """A count or money, from zero to something: no percentage; `change.notable` says whether chance would do."""
    QUIET = "quiet"
    """No conversation, message or sale in the window; said only where both conversations and sales were asked for.

    The only headline then. It has the metric of conversations and its change where the page shows that, else neither.
    """
    CALM = "calm"
    """Every figure of the page lies within its usual range; the first headline then, without metric or change."""
    FEW = "few"
    """Only `count` conversations (1 to 9): too few to judge how they were answered.

    The metric is that of conversations, or of the response rate where the page shows no count of conversations.
    """


@dataclass(frozen=True, slots=True)
class Headline:
    """What happened to which metric, and how much it matters (larger first): one sentence, and a remark to it.

    The remark is what `behaviour` says of the figure, else that the difference may be chance, and what drove the value
    of accepted sales. `metric` and `change` are None on a `CALM` headline, and may be on a `QUIET` one; `count` is set
    only on a `FEW` one.
    """

    finding: HighlightKind
    metric: Metric | None
    change: Change | None
    importance: Decimal
    count: int | None = None
    behaviour: Behaviour | None = None
    driver: Driver | None = None
    alone: bool = False
    """Whether the fact is said without a remark, since another headline has said it of all."""
