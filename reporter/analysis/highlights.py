"""Headlines as data: the result of `insights`, before it is put into words."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.behavior import Behaviour
from reporter.analysis.comparison import Change
from reporter.analysis.decomposition import Driver
from reporter.analysis.metric import Metric


class HighlightKind(StrEnum):
    """The kinds of headlines; the metrics have their texts.

    Whether a rise or a fall is good depends on the change's verdict, not on the kind: a response time that fell is
    good.
    """

    ROSE = "rose"
    """Larger than before, beyond noise; `change` has both values and the difference."""
    FELL = "fell"
    """Smaller than before, beyond noise; possibly zero."""
    STEADY = "steady"
    """Changed, but within the usual range, or by no more than chance or unequal windows explain.

    Both values may be displayed alike.
    """
    UNCHANGED = "unchanged"
    """Equal in both windows; `ChangeKind.NOTHING` in the change means zero in both."""
    APPEARED = "appeared"
    """A count or amount that was zero before: no percentage; `change.notable` is False if it may be chance."""
    QUIET = "quiet"
    """No conversations, messages, or sales in the window; only if conversations and sales were both requested.

    It is then the only headline. `metric` and `change` are those of conversations if the page shows them, else None.
    """
    CALM = "calm"
    """Every figure of the page is within its usual range; then the first headline, without metric or change."""
    FEW = "few"
    """Only `count` conversations (1 to 9): too few to judge how they were answered.

    The metric is conversations, or the response rate if the page shows no count of conversations.
    """


@dataclass(frozen=True, slots=True)
class Headline:
    """A finding about a metric, with its importance (larger first): one sentence and an optional remark.

    The remark states what `behaviour` shows, or that the difference may be chance, and what drove the value of
    accepted sales. `metric` and `change` are None for `CALM`, and may be None for `QUIET`; `count` is set for `FEW`
    only.
    """

    finding: HighlightKind
    metric: Metric | None
    change: Change | None
    importance: Decimal
    count: int | None = None
    behaviour: Behaviour | None = None
    driver: Driver | None = None
    alone: bool = False
    """Whether the remark is omitted, since another headline covers all figures."""
