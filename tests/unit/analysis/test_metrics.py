"""The records of the metrics: each is complete, and what is missing is found when the program starts."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reporter.analysis.metric import Unit
from reporter.analysis.metrics import FIGURES, METRICS, figures_of, shown_metrics

RATE, COUNT = METRICS["response_rate"], METRICS["conversations"]
OTHER = replace(COUNT, key="other")


def test_every_metric_is_in_one_figure_in_page_order() -> None:
    """Each metric belongs to one figure, whose first metric explains it and whose values can be told apart."""
    assert list(shown_metrics(FIGURES)) == list(METRICS.values())
    for lead, *others in FIGURES.values():
        assert lead.title
        assert lead.definition
        assert all(bool(metric.label) == bool(others) for metric in (lead, *others))


@pytest.mark.parametrize(
    ("metric", "change"),
    [
        (RATE, {"key": ""}),
        (RATE, {"name": ""}),
        (RATE, {"rose": ""}),
        (RATE, {"steady": "It was as before."}),
        (RATE, {"appeared": "The rate: %(value)s, after none."}),
        (COUNT, {"appeared": ""}),
        (COUNT, {"counts": "%(part)s of %(whole)s"}),
        (COUNT, {"weight": Decimal(1)}),
        (RATE, {"unit": Unit.COUNT}),
    ],
    ids=lambda part: next(iter(part)) if isinstance(part, dict) else part.key,
)
def test_an_incomplete_record_is_refused(metric: Any, change: dict[str, Any]) -> None:
    """A record without one of its texts, or with one that it cannot need, raises an error that names the metric."""
    with pytest.raises(ValueError, match=f"metric {change.get('key', metric.key)}: "):
        replace(metric, **change)


@pytest.mark.parametrize(
    "metrics",
    [
        (replace(COUNT, definition=""),),
        (replace(COUNT, label="conversations"),),
        (replace(COUNT, figure="shared", label="one"), replace(OTHER, figure="shared", label="two")),
        (replace(COUNT, figure="shared", label="one"), replace(OTHER, figure="shared", definition="")),
    ],
    ids=["no definition", "label of a single value", "two definitions", "no label"],
)
def test_an_incomplete_figure_is_refused(metrics: Any) -> None:
    """A figure has one definition, and labels if it has several values."""
    with pytest.raises(ValueError, match=r"^figure (shared|conversations): "):
        figures_of(metrics)


def test_page_1_has_room_for_its_figures() -> None:
    """A seventh figure is refused unless it is optional, as it would need a third page."""
    more = replace(COUNT, key="more")
    with pytest.raises(ValueError, match="figure more: page 1 has room for 6"):
        figures_of([*METRICS.values(), more])
    assert "more" in figures_of([*METRICS.values(), replace(more, optional=True)])


def test_two_metrics_never_share_a_key() -> None:
    """A second record with the same key is refused, as it would replace the first."""
    with pytest.raises(ValueError, match="metric conversations: there are two"):
        figures_of((COUNT, COUNT))
