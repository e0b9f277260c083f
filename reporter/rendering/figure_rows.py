"""Rows for exports: every number of every window in a report's data, as CSV and as JSON.

Each row is self-contained, so that tables of several reports and organizations can be concatenated.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache, partial
from io import StringIO
from operator import attrgetter
from typing import Annotated

from reporter.analysis import metrics
from reporter.analysis.metric import Unit
from reporter.domain.report import ReportData, Section
from reporter.domain.snapshot import Snapshot
from reporter.domain.window import Period, Window
from reporter.rendering.build_view import NAME_LIMIT
from reporter.rendering.numbers import Numbers
from reporter.rendering.tables import channel_name, stage_name
from reporter.rendering.text import clean
from reporter.rendering.translation import Words, parse_locale
from reporter.rendering.view import ReportView

ROWS_AT_ONCE = 1_000

_LIKE_A_FORMULA = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""A text that a spreadsheet could interpret as a formula, also after apostrophes are removed."""


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
    """One number of one window. The fields are the columns, each with its description."""

    organization_id: Annotated[str, "the organization's id in the API"]
    organization: Annotated[str, "its name, as in the report"]
    period: Annotated[Period, "day, week, month, quarter, year or custom"]
    label: Annotated[str, "the window, as its folder in the archive is called"]
    first: Annotated[date, "the window's first date"]
    until: Annotated[date, "the date after the window's last"]
    timezone: Annotated[str, "the zone in which a date begins at midnight"]
    made_on: Annotated[date, "the date on which the API was asked"]
    role: Annotated[
        Role, "current for the reported window, previous for the one it is compared with, history for those before"
    ]
    kind: Annotated[RowKind, "figure, channel or stage"]
    metric: Annotated[str, "the figure's key, as in report.json; channel_conversations, stage_volume or stage_value"]
    position: Annotated[int, "its place among the window's figures, channels or stages"]
    item: Annotated[str, "the API's key of the channel, or its status of the stage, where it has one"]
    name: Annotated[str, "its name in the report's language"]
    unit: Annotated[Unit, "rate (a share of 1), duration (seconds), count, or money"]
    currency: Annotated[str, "what money, by ISO 4217; empty where nobody said"]
    value: Annotated[Decimal | None, "the number, with every digit it has; empty where there is no data"]
    shown: Annotated[str, "its text in the PDF, to check against; only in the reported window"]


COLUMNS = {name: hint.__metadata__[0] for name, hint in FigureRow.__annotations__.items()}
"""One-line descriptions of the columns."""

_cells = attrgetter(*COLUMNS)


def figures_csv(data: ReportData, view: ReportView) -> bytes:
    """The table of one report with all its windows, for attaching to its PDF. The same report gives the same bytes."""
    return b"".join(csv_of(rows_of(data, printed(view))))


def printed(view: ReportView) -> dict[str, str]:
    """The text of each metric on the page, by its key."""
    return {value.key: value.value for figure in view.figures for value in figure.values}


def rows_of(
    data: ReportData, shown: Mapping[str, str], roles: frozenset[Role] = frozenset(Role)
) -> Iterator[FigureRow]:
    """The rows of the windows in these roles, oldest first: the figures on the page, the channels, and the stages.

    `shown` is the printed text of each metric, by key. A window without data has no rows.
    """
    table = _Table(data, shown)
    history = ((Role.HISTORY, snapshot) for snapshot in data.history)
    for role, snapshot in (*history, (Role.PREVIOUS, data.previous), (Role.CURRENT, data.current)):
        if role in roles and snapshot:
            yield from table.rows(role, snapshot)


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
        self._stage_name = cache(stage_name)  # the same in every window, and slow to clean

    def rows(self, role: Role, snapshot: Snapshot) -> Iterator[FigureRow]:
        row = partial(self._row, role=role, window=snapshot.window)
        sections = self._data.settings.sections
        for place, (metric, name) in enumerate(self._metrics, 1):
            figure = partial(row, kind=RowKind.FIGURE, metric=metric.key, unit=metric.unit)
            yield figure(position=place, name=name, value=metric.read(snapshot))
        if Section.CHANNELS in sections and snapshot.channels is not None:
            channel = partial(row, kind=RowKind.CHANNEL, metric="channel_conversations", unit=Unit.COUNT)
            for place, (key, name) in enumerate(self._channels, 1):
                yield channel(position=place, item=key, name=name, value=Decimal(snapshot.channels.get(key, 0)))
        if Section.PIPELINE in sections and snapshot.sales:
            for place, each in enumerate(snapshot.sales.pipeline, 1):
                name = self._stage_name(each.name)
                stage = partial(row, kind=RowKind.STAGE, position=place, item=each.status or "", name=name)
                yield stage(metric="stage_volume", unit=Unit.COUNT, value=Decimal(each.volume))
                yield stage(metric="stage_value", unit=Unit.MONEY, value=each.value)

    def _row(
        self,
        *,
        role: Role,
        window: Window,
        kind: RowKind,
        metric: str,
        position: int,
        name: str,
        unit: Unit,
        value: Decimal | None,
        item: str = "",
    ) -> FigureRow:
        return FigureRow(
            organization_id=self._data.organization.id,
            organization=self._organization,
            period=window.period,
            label=window.label,
            first=window.first,
            until=window.until,
            timezone=window.timezone,
            made_on=self._data.made_on,
            role=role,
            kind=kind,
            metric=metric,
            position=position,
            item=item,
            name=name,
            unit=unit,
            currency=(self._data.settings.currency or "") if unit is Unit.MONEY else "",
            value=value,
            shown=self._text(kind, metric, unit, value) if role is Role.CURRENT else "",
        )

    def _text(self, kind: RowKind, metric: str, unit: Unit, value: Decimal | None) -> str:
        """The printed text: from the archive or the view for figures, otherwise as in the tables of page 2."""
        if kind is RowKind.FIGURE:
            return self._shown.get(metric, "")
        return self._numbers.value(unit, value)


def _channels(data: ReportData) -> list[str]:
    """All channels of all windows, sorted by conversations in the reported window, as on the page."""
    counts = data.current.channels or {}
    known = {key for snapshot in data.snapshots if snapshot and snapshot.channels for key in snapshot.channels}
    return sorted(known, key=lambda key: (-counts.get(key, 0), key))


def csv_of(rows: Iterable[FigureRow]) -> Iterator[bytes]:
    """The rows as CSV in chunks: RFC 4180, UTF-8; the first line has the column names.

    It is intended for scripts: a byte order mark would become part of the first column's name, and spreadsheets in many
    European locales expect semicolons anyway. For spreadsheets, use the workbook.

    Text that looks like a formula is prefixed with an apostrophe, so that spreadsheets do not evaluate it. To restore
    it, remove one apostrophe from text that starts with apostrophes followed by `=`, `+`, `-`, or `@`.
    """
    page = StringIO()
    writer = csv.writer(page)  # commas, CRLF, quotes where needed
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, 1):
        writer.writerow(map(_cell, _cells(row)))
        if number % ROWS_AT_ONCE == 0:
            yield _taken(page)
    yield _taken(page)


def _cell(value: object) -> str:
    """A number in plain digits, a date in ISO 8601, empty for no data; text is never evaluated as a formula."""
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else _harmless(str(value))


@lru_cache(1_000)  # most texts occur in many rows
def _harmless(text: str) -> str:
    return f"'{text}" if _LIKE_A_FORMULA.match(text) else text


def _taken(page: StringIO) -> bytes:
    """The text written since the last call; lone surrogates, which UTF-8 cannot encode, become escapes."""
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text.encode("utf-8", "backslashreplace")


def json_of(rows: Iterable[FigureRow]) -> Iterator[bytes]:
    """The rows as JSON in chunks: one list with an object on each line, with the columns as keys.

    Values are decimal text, like money in `report.json`; null if there is no data.
    """
    before = "[\n"
    for row in rows:
        text = json.dumps(dict(zip(COLUMNS, _cells(row), strict=True)), ensure_ascii=False, default=_plain)
        yield (before + text).encode("utf-8", "backslashreplace")  # lone surrogates become escapes
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def _plain(value: Decimal | date) -> str:
    return format(value, "f") if isinstance(value, Decimal) else value.isoformat()
