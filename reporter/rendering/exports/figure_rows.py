"""Rows for exports: every number of every window in a report's data.

Each row is self-contained, so that tables of several reports and organizations can be concatenated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from reporter.analysis import metrics
from reporter.analysis.metric import Unit
from reporter.domain.report import ReportData, Section
from reporter.domain.snapshot import Snapshot
from reporter.domain.window import Period
from reporter.rendering.build_view import NAME_LIMIT
from reporter.rendering.numbers import Numbers
from reporter.rendering.tables import channel_name, stage_name
from reporter.rendering.text import clean
from reporter.rendering.translation import Words, parse_locale
from reporter.rendering.view import ReportView


class RowKind(StrEnum):
    """The subject of a row."""

    FIGURE = "figure"
    CHANNEL = "channel"
    STAGE = "stage"


class Role(StrEnum):
    """A window's role in its report."""

    CURRENT = "current"
    PREVIOUS = "previous"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One number of one window. The fields are the columns; `COLUMNS` describes them."""

    organization_id: str
    organization: str
    period: Period
    label: str
    first: date
    until: date
    timezone: str
    made_on: date
    role: Role
    kind: RowKind
    metric: str
    position: int
    item: str
    name: str
    unit: Unit
    currency: str
    value: Decimal | None
    shown: str


COLUMNS = {
    "organization_id": "the organization's id in the API",
    "organization": "its name, as in the report",
    "period": "day, week, month, quarter, year or custom",
    "label": "the window, as its folder in the archive is called",
    "first": "the window's first date",
    "until": "the date after the window's last",
    "timezone": "the zone in which a date begins at midnight",
    "made_on": "the date on which the API was asked",
    "role": "current for the reported window, previous for the one it is compared with, history for those before",
    "kind": "figure, channel or stage",
    "metric": "the figure's key, as in report.json; channel_conversations, stage_volume or stage_value",
    "position": "its place among the window's figures, channels or stages",
    "item": "the API's key of the channel, or its status of the stage, where it has one",
    "name": "what a reader calls it, in the report's language",
    "unit": "rate (a share of 1), duration (seconds), count, or money",
    "currency": "what money, by ISO 4217; empty where nobody said",
    "value": "the number, with every digit it has; empty where there is no data",
    "shown": "its text in the PDF, to check against; only in the reported window",
}
"""One-line descriptions of the columns."""


def rows_of(
    data: ReportData, shown: Mapping[str, str], roles: frozenset[Role] = frozenset(Role)
) -> Iterator[FigureRow]:
    """The rows of the windows in these roles, oldest first: the figures on the page, the channels, and the stages.

    `shown` is the printed text of each metric, by key. A window without data has no rows.
    """
    table = _Table(data, shown)
    for role, snapshot in _windows(data):
        if role in roles and snapshot:
            yield from table.rows(role, snapshot)


def printed(view: ReportView) -> dict[str, str]:
    """The text of each metric on the page, by its key."""
    return {value.key: value.value for figure in view.figures for value in figure.values}


def _windows(data: ReportData) -> Iterator[tuple[Role, Snapshot | None]]:
    yield from ((Role.HISTORY, snapshot) for snapshot in data.history)
    yield Role.PREVIOUS, data.previous
    yield Role.CURRENT, data.current


@dataclass(frozen=True, slots=True)
class _Number:
    """The fields of a row that do not depend on its window."""

    kind: RowKind
    metric: str
    position: int
    item: str
    name: str
    unit: Unit
    value: Decimal | None


class _Table:
    """Builder for the rows of one report."""

    def __init__(self, data: ReportData, shown: Mapping[str, str]) -> None:
        self._data = data
        self._shown = shown
        self._numbers = Numbers(Words(parse_locale(data.settings.locale)), data.settings.currency)
        self._organization = clean(data.organization.name, NAME_LIMIT) or self._numbers.words("Unnamed organization")
        shown_metrics = metrics.shown_metrics(data.settings.figures)
        self._metrics = [(metric, self._numbers.words(metric.name)) for metric in shown_metrics]
        self._channels = [(key, channel_name(self._numbers, key)) for key in _channels(data)]
        self._name = cache(stage_name)  # the same in every window, and slow to clean

    def rows(self, role: Role, snapshot: Snapshot) -> Iterator[FigureRow]:
        data, window, label = self._data, snapshot.window, snapshot.window.label
        for number in self._of(snapshot):
            yield FigureRow(
                organization_id=data.organization.id,
                organization=self._organization,
                period=window.period,
                label=label,
                first=window.first,
                until=window.until,
                timezone=window.timezone,
                made_on=data.made_on,
                role=role,
                kind=number.kind,
                metric=number.metric,
                position=number.position,
                item=number.item,
                name=number.name,
                unit=number.unit,
                currency=(data.settings.currency or "") if number.unit is Unit.MONEY else "",
                value=number.value,
                shown=self._text(number) if role is Role.CURRENT else "",
            )

    def _of(self, snapshot: Snapshot) -> Iterator[_Number]:
        yield from self._figures(snapshot)
        if Section.CHANNELS in self._data.settings.sections:
            yield from self._of_channels(snapshot)
        if Section.PIPELINE in self._data.settings.sections:
            yield from self._of_stages(snapshot)

    def _figures(self, snapshot: Snapshot) -> Iterator[_Number]:
        for place, (metric, name) in enumerate(self._metrics, 1):
            yield _Number(RowKind.FIGURE, metric.key, place, "", name, metric.unit, metric.read(snapshot))

    def _of_channels(self, snapshot: Snapshot) -> Iterator[_Number]:
        if snapshot.channels is None:
            return
        for place, (key, name) in enumerate(self._channels, 1):
            count = Decimal(snapshot.channels.get(key, 0))
            yield _Number(RowKind.CHANNEL, "channel_conversations", place, key, name, Unit.COUNT, count)

    def _of_stages(self, snapshot: Snapshot) -> Iterator[_Number]:
        for place, stage in enumerate(snapshot.sales.pipeline if snapshot.sales else (), 1):
            status, name, volume = stage.status or "", self._name(stage.name), Decimal(stage.volume)
            yield _Number(RowKind.STAGE, "stage_volume", place, status, name, Unit.COUNT, volume)
            yield _Number(RowKind.STAGE, "stage_value", place, status, name, Unit.MONEY, stage.value)

    def _text(self, number: _Number) -> str:
        """The printed text: from the archive or the view for figures, otherwise as in the tables of page 2."""
        if number.kind is RowKind.FIGURE:
            return self._shown.get(number.metric, "")
        return self._numbers.value(number.unit, number.value)


def _channels(data: ReportData) -> list[str]:
    """All channels of all windows, sorted by conversations in the reported window, as on the page."""
    counts = data.current.channels or {}
    known = {key for snapshot in data.snapshots if snapshot and snapshot.channels for key in snapshot.channels}
    return sorted(known, key=lambda key: (-counts.get(key, 0), key))
