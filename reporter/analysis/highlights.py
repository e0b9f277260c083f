"""Selection of a report's headlines from its comparison by rules, the most important first.

To add an insight, write a rule and put it into `RULES`. A rule covers only metrics that the report's page shows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from reporter.analysis.arithmetic import ARITHMETIC
from reporter.analysis.behavior import Behavior, Signal
from reporter.analysis.chance import ENOUGH
from reporter.analysis.change import Change, ChangeKind
from reporter.analysis.comparison import Comparison, MetricComparison
from reporter.analysis.metric import Metric
from reporter.analysis.metrics import FIGURES, shown_metrics
from reporter.analysis.sales import Driver
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Block, Snapshot

MOST, LEAST = 5, 3
"""Maximum and minimum number of headlines: more than three only if they are notable."""

_NOTABLE, _UNUSUAL, _FEW, _CALM, _UNCHANGED = map(Decimal, (4, 3, 2, 1, 0))
"""Base importance of each class; weights and sizes are below 1, so no class outranks a higher one."""

_LARGE_POINTS = Decimal("0.2")
"""A rate change of twenty points weighs as much as a count that fell to zero."""

_ANSWERS = frozenset({Block.RESPONSE_RATE, Block.RESPONSE_TIME})
"""The blocks that say how conversations were answered."""


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

    The remark states what `behavior` shows, or that the difference may be chance, and what drove the value of
    accepted sales; without `behavior` there is none. `metric` and `change` are None for `CALM`, and may be None for
    `QUIET`; `count` is set for `FEW` only.
    """

    finding: HighlightKind
    metric: Metric | None
    change: Change | None
    importance: Decimal
    count: int | None = None
    behavior: Behavior | None = None
    driver: Driver | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Input of the rules: the metrics on the page by key, in page order, and the reported window."""

    metrics: Mapping[str, MetricComparison]
    current: Snapshot
    driver: Driver | None = None
    """What drove the value of accepted sales."""

    @property
    def conversations(self) -> tuple[MetricComparison, int] | None:
        """The number of conversations, with the metric on the page that shows it."""
        if "conversations" in self.metrics and self.current.volume:
            return self.metrics["conversations"], self.current.volume.conversations
        if "response_rate" in self.metrics and self.current.response_rate:
            return self.metrics["response_rate"], self.current.response_rate.received
        return None

    @property
    def few(self) -> bool:
        """Whether there were conversations, but too few to judge how they were answered."""
        return self.conversations is not None and 0 < self.conversations[1] < ENOUGH


def headlines(comparison: Comparison, data: ReportData) -> tuple[Headline, ...]:
    """Select three to five headlines, at most one per figure; fewer only if there are not enough findings.

    Changes beyond noise come first, by business weight and size; then figures that are outside the usual range without
    such a change, or long on one side of the average; then the rest.
    """
    metrics = {metric.key: comparison.metrics[metric.key] for metric in shown_metrics(data.settings.figures)}
    shown = Shown(metrics, data.current, comparison.decomposition.driver if comparison.decomposition else None)
    if _nothing_happened(data.current):
        quiet = Headline(HighlightKind.QUIET, None, None, _NOTABLE)
        metric = shown.metrics.get("conversations")
        return (replace(quiet, metric=metric.metric, change=metric.change) if metric else quiet,)
    found = sorted(
        (headline for rule in RULES for headline in rule(shown)), key=lambda headline: headline.importance, reverse=True
    )
    chosen = _one_for_each_figure(found)
    loud = sum(headline.importance >= _FEW for headline in chosen)
    chosen = chosen[: min(MOST, max(LEAST, loud))]
    if all(metric.behavior.signal is Signal.USUAL for metric in shown.metrics.values()):
        calm = Headline(HighlightKind.CALM, None, None, _NOTABLE)
        return (calm, *(replace(headline, behavior=None) for headline in chosen))
    return tuple(chosen)


def _notable(shown: Shown) -> Iterator[Headline]:
    """Changes beyond noise."""
    for metric in _moved(shown):
        if metric.change.notable:
            finding = HighlightKind.ROSE if metric.change.sign > 0 else HighlightKind.FELL
            headline = _headline(finding, metric, _NOTABLE, _size(metric.change))
            yield replace(headline, driver=shown.driver) if metric.metric.key == "accepted_value" else headline


def _unusual(shown: Shown) -> Iterator[Headline]:
    """Figures with a signal of their own, regardless of the previous window."""
    for metric in shown.metrics.values():
        if metric.behavior.signal.is_news and metric.change.previous is not None and not metric.change.notable:
            finding = HighlightKind.STEADY if metric.change.sign else HighlightKind.UNCHANGED
            yield _headline(finding, metric, _UNUSUAL)


def _few(shown: Shown) -> Iterator[Headline]:
    """Too few conversations to judge how they were answered."""
    if shown.conversations is not None and shown.few:
        metric, count = shown.conversations
        importance = ARITHMETIC.add(_FEW, metric.metric.weight)
        yield Headline(HighlightKind.FEW, metric.metric, metric.change, importance, count)


def _steady(shown: Shown) -> Iterator[Headline]:
    """Changes within noise, by business weight, regardless of their size."""
    for metric in _moved(shown):
        if not metric.change.notable and not (shown.few and metric.metric.block in _ANSWERS):
            yield _headline(HighlightKind.STEADY, metric, _CALM)


def _unchanged(shown: Shown) -> Iterator[Headline]:
    """Unchanged metrics, including zeros."""
    for metric in shown.metrics.values():
        if metric.change.kind in {ChangeKind.UNCHANGED, ChangeKind.NOTHING}:
            yield _headline(HighlightKind.UNCHANGED, metric, _UNCHANGED)


RULES: tuple[Callable[[Shown], Iterator[Headline]], ...] = (_notable, _unusual, _few, _steady, _unchanged)


def _nothing_happened(snapshot: Snapshot) -> bool:
    """Whether conversations and sales were requested, and all counts of them and their messages are zero."""
    if snapshot.sales is None or (snapshot.volume is None and snapshot.response_rate is None):
        return False
    counts = [stage.volume for stage in snapshot.sales.pipeline]
    if volume := snapshot.volume:
        counts += [volume.conversations, volume.messages_received, volume.messages_sent]
    if rate := snapshot.response_rate:
        counts.append(rate.received)
    return not any(counts)


def _headline(finding: HighlightKind, metric: MetricComparison, base: Decimal, size: Decimal = Decimal(1)) -> Headline:
    """The finding, or that the metric appeared; importance is that of its class, and the metric's weight and size."""
    kind = HighlightKind.APPEARED if metric.change.kind is ChangeKind.FROM_ZERO else finding
    importance = ARITHMETIC.fma(metric.metric.weight, size, base)
    return Headline(kind, metric.metric, metric.change, importance, behavior=metric.behavior)


def _moved(shown: Shown) -> Iterator[MetricComparison]:
    for metric in shown.metrics.values():
        if metric.change.kind in {ChangeKind.CHANGED, ChangeKind.FROM_ZERO}:
            yield metric


def _size(change: Change) -> Decimal:
    """Size from 0 to 1: the change as a share of the larger value, or a rate's points divided by twenty."""
    if change.points is not None:
        return min(Decimal(1), ARITHMETIC.divide(change.points.copy_abs(), _LARGE_POINTS))
    moved, larger = change.absolute, max(change.current or Decimal(0), change.previous or Decimal(0))
    return ARITHMETIC.divide(moved.copy_abs(), larger) if moved and larger else Decimal(0)


def _one_for_each_figure(found: list[Headline]) -> list[Headline]:
    """The first headline of each figure, so that no figure is reported twice."""
    figure = {metric.key: key for key, metrics in FIGURES.items() for metric in metrics}
    first: dict[str, Headline] = {}
    for headline in found:
        if headline.metric:
            first.setdefault(figure[headline.metric.key], headline)
    return list(first.values())
