"""Results of comparing two windows. Percent and points are separate fields, so they cannot be mixed up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.behavior import Behaviour
from reporter.analysis.decomposition import Decomposition
from reporter.analysis.intervals import Interval
from reporter.analysis.metric import Metric
from reporter.domain.snapshot import Stage


class ChangeKind(StrEnum):
    """The kind of change of a number between two windows."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOTHING = "nothing"
    """A count or amount that is zero in both windows."""
    FROM_ZERO = "from-zero"
    """A count or amount that was zero before: an absolute change, no percentage."""
    NO_DATA = "no-data"
    """The API returned null for this window."""
    NOT_COMPARABLE = "not-comparable"
    """The previous window has no figure."""


class Verdict(StrEnum):
    """Whether a change is good; noise and neutral metrics are neither."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class PerDay:
    """A total per day in each window, if the windows differ in length. `percent` is a fraction."""

    current: Decimal
    previous: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """A change from `previous` to `current`.

    Rates change in `points` (a fraction: 0.04 is four points), also from zero; counts, money, and durations by
    `absolute` and `percent` (a fraction of the previous value; None if that is zero). Others are None.
    """

    kind: ChangeKind
    current: Decimal | None
    previous: Decimal | None
    absolute: Decimal | None = None
    percent: Decimal | None = None
    points: Decimal | None = None
    verdict: Verdict = Verdict.NEUTRAL
    notable: bool = False
    """Whether the change is more than noise: outside the usual range, or larger than chance if there is no range."""
    few: bool = False
    """Whether a rate or a duration has too few events, in either window, to judge a change."""
    per_day: PerDay | None = None

    @property
    def sign(self) -> int:
        """1 up, -1 down, 0 unchanged or not comparable."""
        moved = self.points if self.points is not None else self.absolute
        return 0 if moved is None or moved == 0 else 1 if moved > 0 else -1


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """A metric in both windows, with its line: the values of all windows, oldest first, None where missing.

    `behaviour` compares the latest with the others; `interval` is the confidence interval of a share of few events.
    """

    metric: Metric
    change: Change
    line: tuple[Decimal | None, ...]
    behaviour: Behaviour
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class ChannelComparison:
    """Conversations of one modality in both windows, and their share of each window's total (None if that is 0)."""

    key: str
    change: Change
    share: Decimal | None
    previous_share: Decimal | None
    share_change: Decimal | None
    """In points; None if either window had no conversations."""


class StageFate(StrEnum):
    """Whether a stage is in both windows; also `KEPT` if the previous window has no sales data."""

    KEPT = "kept"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class StageComparison:
    """One stage in both windows, matched by status, else by name. `step` is the conversion from the stage before it."""

    fate: StageFate
    current: Stage | None
    previous: Stage | None
    volume: Change
    value: Change
    step: Decimal | None
    previous_step: Decimal | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The complete comparison of two windows, with the line of windows before them."""

    metrics: Mapping[str, MetricComparison]
    channels: tuple[ChannelComparison, ...]
    stages: tuple[StageComparison, ...]
    days: int
    previous_days: int
    decomposition: Decomposition | None = None
    """Causes of the change in the value of accepted sales; None if there is nothing to decompose."""

    @property
    def unequal(self) -> bool:
        """Whether the two windows differ in length, so that totals are not directly comparable."""
        return self.days != self.previous_days
