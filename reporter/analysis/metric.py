"""What a report knows about one of its metrics: the record, and the units, directions, and reasons that it uses."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reporter.domain.snapshot import Block, Snapshot


class Unit(StrEnum):
    """Unit of a metric: a share (0 to 1), seconds, a count, or money in the report's currency."""

    RATE = "rate"
    DURATION = "duration"
    COUNT = "count"
    MONEY = "money"


TOTALS = frozenset({Unit.COUNT, Unit.MONEY})
"""Units that grow with a window's length and for which zero means that nothing happened."""
JUDGED_BY_SAMPLE = frozenset({Unit.RATE, Unit.DURATION})
"""Units whose values are unreliable with few events."""


class Better(StrEnum):
    """The direction in which a metric improves."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Reason(StrEnum):
    """Why a figure was restated, as far as the data shows it."""

    ANSWERED = "answered"
    """More of the same conversations have been answered since."""
    ACCEPTED = "accepted"
    """More sales of the window have been accepted since."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number of a snapshot, with everything that a report does with it. Texts are in the source language.

    `key` is the name in the configuration and in `report.json`, and a contract.
    `block` is the part of the API's answer that has the value, and `field` takes the value from the snapshot: None if
    the API has no data for it.
    `sample` returns the number of events behind the value, which determines its sampling error: the conversations
    behind a rate, the sales behind a sum of money, a count itself. None if unknown.
    For a rate, `part` returns how many of the sample it counts, since the API rounds the rate itself, and `counts` is
    the text that shows both: %(part)s, %(whole)s.
    `weight` is the business weight among the highlights, above 0 and below 1.
    `restated_by` is what may change the value of a past window.

    `rose` to `appeared` are the sentences of a headline, complete so that translators can rephrase them. Placeholders:
    %(value)s now, %(before)s in the previous period, %(change)s the size of the change without a sign. Only a total
    can appear: it was zero before.

    A metric is a figure of page 1 by itself, unless it names a `figure` that it shares with others: then `label` stands
    beside its value, and the figure's first metric has the definition of all, and the `figure_title` if it is not the
    name.
    """

    key: str
    unit: Unit
    better: Better
    block: Block
    field: Callable[[Snapshot], Decimal | int | None]
    sample: Callable[[Snapshot], int | None]
    part: Callable[[Snapshot], int | None] = lambda _snapshot: None
    weight: Decimal
    restated_by: Reason = Reason.UNKNOWN
    of_accepted_stage: bool = False
    """Whether the value is that of the stage of accepted sales, which a pipeline may lack."""
    name: str
    definition: str = ""
    counts: str = ""
    rose: str
    fell: str
    steady: str
    unchanged: str
    appeared: str = ""
    figure: str = ""
    figure_title: str = ""
    label: str = ""
    optional: bool = False
    """Whether the figure that begins with this metric is on page 1 only if the configuration names it."""

    def __post_init__(self) -> None:
        """Raise ValueError if the record is incomplete."""
        sentences = [self.rose, self.fell, self.steady, self.unchanged, *([self.appeared] if self.appeared else [])]
        if not (self.key and self.name) or any("%(value)s" not in sentence for sentence in sentences):
            raise ValueError(f"metric {self.key}: it lacks its key, its name, or %(value)s in a sentence")
        if bool(self.appeared) != (self.unit in TOTALS):
            raise ValueError(f"metric {self.key}: a total, and nothing else, needs the sentence `appeared`")
        if self.counts and self.unit is not Unit.RATE:
            raise ValueError(f"metric {self.key}: only a rate has `counts`")
        if not 0 < self.weight < 1:
            raise ValueError(f"metric {self.key}: its weight is {self.weight}, not between 0 and 1")

    @property
    def title(self) -> str:
        """The title of the figure that begins with this metric."""
        return self.figure_title or self.name

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of the metric that is translated."""
        names = (self.name, self.figure_title, self.label, self.definition, self.counts)
        return tuple(filter(None, (*names, self.rose, self.fell, self.steady, self.unchanged, self.appeared)))

    def read(self, snapshot: Snapshot) -> Decimal | None:
        """The value in this window; None if the API has no data for it."""
        value = self.field(snapshot)
        return None if value is None else Decimal(value)
