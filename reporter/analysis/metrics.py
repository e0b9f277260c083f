"""The metrics a report can show, one complete record each.

To add a metric, add its record to `METRICS`, and run `python scripts/catalogs.py` for its translations. If no snapshot
has its value yet, add the field to `domain/snapshot.py` and to the API's answer in `hyperrep/`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from reporter.analysis.metric import Better, Metric, Reason, Unit
from reporter.domain.snapshot import Block, Snapshot, Stage
from reporter.domain.strings import mark

ROOM = 6
"""The most figures for which page 1 has room."""


def accepted_stage(snapshot: Snapshot) -> Stage | None:
    """The stage of accepted sales in this window; None without one, or without sales data."""
    return snapshot.sales.accepted if snapshot.sales else None


def lacks_accepted_stage(snapshot: Snapshot) -> bool:
    """Whether the window has sales data, but no stage that counts as accepted."""
    return snapshot.sales is not None and snapshot.sales.accepted is None


def _received(snapshot: Snapshot) -> int | None:
    return snapshot.response_rate.received if snapshot.response_rate else None


def _responded(snapshot: Snapshot) -> int | None:
    return snapshot.response_rate.responded if snapshot.response_rate else None


def _conversations(snapshot: Snapshot) -> int | None:
    return snapshot.volume.conversations if snapshot.volume else None


def _qualified(snapshot: Snapshot) -> int | None:
    """The volume of the pipeline's first stage: the qualified opportunities."""
    return snapshot.sales.pipeline[0].volume if snapshot.sales and snapshot.sales.pipeline else None


def _accepted(snapshot: Snapshot) -> int | None:
    stage = accepted_stage(snapshot)
    return stage.volume if stage else None


def _accepted_value(snapshot: Snapshot) -> Decimal | None:
    stage = accepted_stage(snapshot)
    return stage.value if stage else None


_RECORDS = (
    Metric(
        key="response_rate",
        unit=Unit.RATE,
        better=Better.HIGHER,
        block=Block.RESPONSE_RATE,
        field=lambda snapshot: snapshot.response_rate.rate if snapshot.response_rate and _received(snapshot) else None,
        sample=_received,
        part=_responded,
        weight=Decimal("0.7"),
        restated_by=Reason.ANSWERED,
        name=mark("Response rate"),
        definition=mark(
            "Of the conversations that began in the period, the share that got at least one answer, even if the answer "
            "came later."
        ),
        counts=mark("%(part)s of %(whole)s answered"),
        rose=mark("Response rate rose %(change)s to %(value)s."),
        fell=mark("Response rate fell %(change)s to %(value)s."),
        steady=mark("Response rate was %(value)s, after %(before)s."),
        unchanged=mark("Response rate stayed at %(value)s."),
    ),
    Metric(
        key="response_time",
        unit=Unit.DURATION,
        better=Better.LOWER,
        block=Block.RESPONSE_TIME,
        # without known answers, the API returns 0 or null
        field=lambda snapshot: snapshot.response_time if snapshot.response_time or _responded(snapshot) else None,
        sample=_responded,
        weight=Decimal("0.5"),
        restated_by=Reason.ANSWERED,
        name=mark("Median response time"),
        definition=mark("Half of the inbound messages were answered faster than this, half slower."),
        rose=mark("Answers took longer: the median rose from %(before)s to %(value)s."),
        fell=mark("Answers came faster: the median fell from %(before)s to %(value)s."),
        steady=mark("The median response time was %(value)s, after %(before)s."),
        unchanged=mark("The median response time stayed at %(value)s."),
    ),
    Metric(
        key="conversations",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        block=Block.VOLUME,
        field=_conversations,
        sample=_conversations,
        weight=Decimal("0.6"),
        name=mark("Conversations"),
        definition=mark(
            "Conversations whose first inbound message came in the period. The response rate rests on a separate count "
            "of conversations, which may differ."
        ),
        rose=mark("Conversations rose %(change)s to %(value)s."),
        fell=mark("Conversations fell %(change)s to %(value)s."),
        steady=mark("Conversations came to %(value)s, after %(before)s."),
        unchanged=mark("The number of conversations stayed at %(value)s."),
        appeared=mark("Conversations: %(value)s, after none in the previous period."),
    ),
    Metric(
        key="messages_received",
        unit=Unit.COUNT,
        better=Better.NEITHER,
        block=Block.VOLUME,
        field=lambda snapshot: snapshot.volume.messages_received if snapshot.volume else None,
        sample=_conversations,
        weight=Decimal("0.2"),
        name=mark("Messages received"),
        definition=mark("Messages that came in during the period, and messages that agents sent."),
        rose=mark("Messages received rose %(change)s to %(value)s."),
        fell=mark("Messages received fell %(change)s to %(value)s."),
        steady=mark("Messages received came to %(value)s, after %(before)s."),
        unchanged=mark("Messages received stayed at %(value)s."),
        appeared=mark("Messages received: %(value)s, after none in the previous period."),
        figure="messages",
        figure_title=mark("Messages"),
        label=mark("received"),
    ),
    Metric(
        key="messages_sent",
        unit=Unit.COUNT,
        better=Better.NEITHER,
        block=Block.VOLUME,
        field=lambda snapshot: snapshot.volume.messages_sent if snapshot.volume else None,
        sample=_conversations,
        weight=Decimal("0.1"),
        name=mark("Messages sent"),
        rose=mark("Messages sent rose %(change)s to %(value)s."),
        fell=mark("Messages sent fell %(change)s to %(value)s."),
        steady=mark("Messages sent came to %(value)s, after %(before)s."),
        unchanged=mark("Messages sent stayed at %(value)s."),
        appeared=mark("Messages sent: %(value)s, after none in the previous period."),
        figure="messages",
        label=mark("sent"),
    ),
    Metric(
        key="sales_rate",
        unit=Unit.RATE,
        better=Better.HIGHER,
        block=Block.SALES,
        # without opportunities, the API returns 0
        field=lambda each: each.sales.rate if each.sales and (each.sales.rate or _qualified(each)) else None,
        sample=_qualified,
        part=_accepted,
        weight=Decimal("0.7"),
        restated_by=Reason.ACCEPTED,
        name=mark("Sales rate"),
        definition=mark("The share of qualified opportunities that became accepted sales."),
        counts=mark("%(part)s of %(whole)s accepted"),
        rose=mark("Sales rate rose %(change)s to %(value)s."),
        fell=mark("Sales rate fell %(change)s to %(value)s."),
        steady=mark("Sales rate was %(value)s, after %(before)s."),
        unchanged=mark("Sales rate stayed at %(value)s."),
    ),
    Metric(
        key="accepted_sales",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        block=Block.SALES,
        field=_accepted,
        sample=_accepted,
        weight=Decimal("0.9"),
        restated_by=Reason.ACCEPTED,
        of_accepted_stage=True,
        name=mark("Accepted sales"),
        definition=mark("Sales that were accepted in the period, and their total value."),
        rose=mark("Accepted sales rose from %(before)s to %(value)s."),
        fell=mark("Accepted sales fell from %(before)s to %(value)s."),
        steady=mark("Accepted sales came to %(value)s, after %(before)s."),
        unchanged=mark("Accepted sales stayed at %(value)s."),
        appeared=mark("Accepted sales: %(value)s, after none in the previous period."),
        figure="accepted_sales",
        label=mark("sales"),
    ),
    Metric(
        key="accepted_value",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        block=Block.SALES,
        field=_accepted_value,
        sample=_accepted,
        weight=Decimal("0.8"),
        restated_by=Reason.ACCEPTED,
        of_accepted_stage=True,
        name=mark("Value of accepted sales"),
        rose=mark("The value of accepted sales rose %(change)s to %(value)s."),
        fell=mark("The value of accepted sales fell %(change)s to %(value)s."),
        steady=mark("Accepted sales were worth %(value)s, after %(before)s."),
        unchanged=mark("The value of accepted sales stayed at %(value)s."),
        appeared=mark("Value of accepted sales: %(value)s, after none in the previous period."),
        figure="accepted_sales",
        label=mark("total value"),
    ),
)


def figures_of(records: Sequence[Metric]) -> Mapping[str, tuple[Metric, ...]]:
    """The metrics of each figure, by its key.

    Raises ValueError if a key occurs twice, a figure lacks its definition, or one of its values lacks its label.
    """
    for key, count in Counter(metric.key for metric in records).items():
        if count > 1:
            raise ValueError(f"metric {key}: there are two records with this key")
    figures: dict[str, tuple[Metric, ...]] = {}
    for metric in records:
        key = metric.figure or metric.key
        figures[key] = (*figures.get(key, ()), metric)
    for key, (lead, *others) in figures.items():
        if not lead.definition or any(metric.definition for metric in others):
            raise ValueError(f"figure {key}: its first metric, and no other, needs the definition")
        if any(bool(metric.label) != bool(others) for metric in (lead, *others)):
            raise ValueError(f"figure {key}: each of its values needs a label if there are several, and only then")
    if len(defaults := _not_optional(figures)) > ROOM:
        raise ValueError(f"figure {defaults[-1]}: page 1 has room for {ROOM} figures, so it needs to be `optional`")
    return figures


def _not_optional(figures: Mapping[str, tuple[Metric, ...]]) -> tuple[str, ...]:
    return tuple(key for key, (lead, *_) in figures.items() if not lead.optional)


METRICS: Mapping[str, Metric] = {metric.key: metric for metric in _RECORDS}

FIGURES = figures_of(_RECORDS)
"""The figures that page 1 can show, in its order, each with its leading metric first."""

DEFAULT_FIGURES = _not_optional(FIGURES)
"""The figures of page 1 unless the configuration names others."""


def shown_metrics(figures: Iterable[str]) -> tuple[Metric, ...]:
    """The metrics of these figures, in page order."""
    return tuple(metric for figure in figures for metric in FIGURES[figure])
