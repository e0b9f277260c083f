"""The values between two windows: every change carries its unit, so percent and points cannot be mixed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.behavior import Behaviour
from reporter.analysis.decomposition import Decomposition
from reporter.analysis.intervals import Interval
from reporter.analysis.metrics import Metric
from reporter.domain.snapshot import Stage


class ChangeKind(StrEnum):
    """What became of a number between two windows."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOTHING = "nothing"
    """A count or money that is zero in both windows: nothing happened."""
    FROM_ZERO = "from-zero"
    """A count or money where there was none: an absolute change, no percentage."""
    NO_DATA = "no-data"
    """The API answered null for this window."""
    NOT_COMPARABLE = "not-comparable"
    """The window before has no figure."""


class Verdict(StrEnum):
    """Whether a change is good; noise and neutral metrics are neither."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class PerDay:
    """A total spread over each window's days, where the windows are unequally long. `percent` is a fraction."""

    current: Decimal
    previous: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """From `previous` to `current`.

    Rates change in `points` (a fraction: 0.04 is four points), from zero as well; counts, money and durations by
    `absolute` and `percent` (a fraction of the previous value; None where that is zero). What does not apply is None.
    """

    kind: ChangeKind
    current: Decimal | None
    previous: Decimal | None
    absolute: Decimal | None = None
    percent: Decimal | None = None
    points: Decimal | None = None
    verdict: Verdict = Verdict.NEUTRAL
    notable: bool = False
    """Whether the change is more than noise: beyond the usual range, or where there is none, larger than chance."""
    few: bool = False
    """Whether a rate or a duration rests on too few events, in either window, to tell a change at all."""
    per_day: PerDay | None = None

    @property
    def sign(self) -> int:
        """1 up, -1 down, 0 unchanged or not comparable."""
        moved = self.points if self.points is not None else self.absolute
        return 0 if moved is None or moved == 0 else 1 if moved > 0 else -1


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """A metric in both windows, with its line: the values of all windows, oldest first, None where there is none.

    `behaviour` says what the latest of them is among the others, `interval` where a share of few events may lie.
    """

    metric: Metric
    change: Change
    line: tuple[Decimal | None, ...]
    behaviour: Behaviour
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class ChannelComparison:
    """Conversations of one modality in both windows and their share of the window's total (None if that is 0)."""

    key: str
    change: Change
    share: Decimal | None
    previous_share: Decimal | None
    share_change: Decimal | None
    """In points; None where either window had no conversations."""


class StageFate(StrEnum):
    """Whether a stage stands in both windows; `KEPT` too where the window before has no sales to look at."""

    KEPT = "kept"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class StageComparison:
    """One stage in both windows, matched by status, else by name. `step` is the share of the stage before it."""

    fate: StageFate
    current: Stage | None
    previous: Stage | None
    volume: Change
    value: Change
    step: Decimal | None
    previous_step: Decimal | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that two windows, and the line of windows before them, say."""

    metrics: Mapping[str, MetricComparison]
    channels: tuple[ChannelComparison, ...]
    stages: tuple[StageComparison, ...]
    days: int
    previous_days: int
    decomposition: Decomposition | None = None
    """Where the change in the value of accepted sales came from; None where there is nothing to take apart."""

    @property
    def unequal(self) -> bool:
        """Whether the two windows are of different length, so that totals do not compare as they stand."""
        return self.days != self.previous_days
