"""The delivery progress of each recipient in many windows at once, in few queries."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES
from reporter.ledger.state import MessageState, Purpose

_AT_ONCE = 500
"""Organizations per query."""

_SETTLED = {MessageState.ACCEPTED, MessageState.UNKNOWN, MessageState.FAILED}
_row = DELIVERIES.c


class WindowKey(NamedTuple):
    """The key of one window of one organization's reports."""

    organization_id: str
    period: str
    label: str


@dataclass(frozen=True, slots=True)
class RecipientProgress:
    """The state of one recipient's latest email. `is_resting`: deferred, and not yet to be retried."""

    state: MessageState
    next_try: datetime | None = None
    is_resting: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether it will not be sent any more, unless an operator says so."""
        return self.state in _SETTLED


Progress = Mapping[WindowKey, Mapping[str, RecipientProgress]]
"""For each window that has any email, the progress of each recipient, named as `mailbox.reader` returns them."""


def progress(at: Transaction, windows: Collection[WindowKey]) -> Progress:
    """The delivery progress of these windows."""
    found: dict[WindowKey, dict[str, RecipientProgress]] = {key: {} for key in windows}
    for row in _rows(at, windows):
        if (marks := found.get(WindowKey(row.organization_id, row.period, row.label))) is not None:
            marks[row.recipient] = _mark(row, at.now)
    return found


def _rows(at: Transaction, windows: Collection[WindowKey]) -> Iterator[Row[Any]]:
    """The emails of these organizations and windows, earlier revisions first."""
    periods, labels = {key.period for key in windows}, {key.label for key in windows}
    columns = (_row[name] for name in ("organization_id", "period", "label", "recipient", "state", "next_try"))
    wanted = select(*columns, _row.lease_until).order_by(_row.revision)
    about = wanted.where(_row.purpose == Purpose.REPORT, _row.period.in_(periods), _row.label.in_(labels))
    ids = sorted({key.organization_id for key in windows})
    for start in range(0, len(ids), _AT_ONCE):
        yield from at.run(about.where(_row.organization_id.in_(ids[start : start + _AT_ONCE])))


def _mark(row: Row[Any], now: datetime) -> RecipientProgress:
    state = MessageState(row.state)
    if state is MessageState.COMMITTING and row.lease_until <= now:  # its run is dead, and delivery is uncertain
        state = MessageState.UNKNOWN
    resting = state is MessageState.DEFERRED and row.next_try is not None and row.next_try > now
    return RecipientProgress(state, row.next_try, resting)
