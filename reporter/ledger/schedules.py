"""Schedules in the ledger, and the delivery progress of each recipient in many windows at once, in few queries."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from reporter.delivery.channel import DeliveryStatus, Purpose
from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES, SCHEDULES
from reporter.ledger.ledger import upsert

_AT_ONCE = 500
"""Organizations per query."""

_SETTLED = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED}
_row = DELIVERIES.c


@dataclass(frozen=True, slots=True)
class Schedule:
    """One report's schedule. `organization` is as in the configuration, `organization_id` None until looked up.

    `since` is when the report was first seen: anything due earlier is not sent. Everything due up to `settled_until`
    was sent or has been reported as missed.
    """

    organization: str
    period: str
    organization_id: str | None
    since: datetime
    settled_until: datetime

    @property
    def key(self) -> tuple[str, str]:
        """The schedule's unique key."""
        return self.organization, self.period


class WindowKey(NamedTuple):
    """The key of one window of one organization's reports."""

    organization_id: str
    period: str
    label: str


@dataclass(frozen=True, slots=True)
class RecipientProgress:
    """The state of one recipient's latest email. `is_resting`: deferred, and not yet to be retried."""

    state: DeliveryStatus
    next_try: datetime | None = None
    is_resting: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether it will not be sent any more, unless an operator says so."""
        return self.state in _SETTLED


Progress = Mapping[WindowKey, Mapping[str, RecipientProgress]]
"""For each window that has any email, the progress of each recipient, named by the canonical form of its mailbox."""


def schedules(at: Transaction) -> dict[tuple[str, str], Schedule]:
    """Every schedule ever seen, by its key."""
    found = (Schedule(**row) for row in at.run(select(SCHEDULES)).mappings())
    return {schedule.key: schedule for schedule in found}


def save_schedules(at: Transaction, changed: Iterable[Schedule]) -> None:
    """Save these schedules."""
    rows = [asdict(schedule) for schedule in changed]
    if rows:
        put = upsert(at)(SCHEDULES)
        values = {name: put.excluded[name] for name in ("organization_id", "settled_until")}
        at.connection.execute(put.on_conflict_do_update(index_elements=["organization", "period"], set_=values), rows)


def identities(at: Transaction) -> dict[str, str]:
    """The id of every organization that was ever sent a report, by id and by name in lower case."""
    found = at.run(select(_row.organization, _row.organization_id).distinct()).all()
    by_name = {row.organization.casefold(): row.organization_id for row in found}
    return by_name | {row.organization_id: row.organization_id for row in found}


def progress(at: Transaction, windows: Collection[WindowKey]) -> Progress:
    """The delivery progress of these windows."""
    found: dict[WindowKey, dict[str, RecipientProgress]] = {key: {} for key in windows}
    wanted = (
        select(DELIVERIES)
        .order_by(_row.revision)
        .where(
            _row.purpose == Purpose.REPORT,
            _row.period.in_({key.period for key in windows}),
            _row.label.in_({key.label for key in windows}),
        )
    )
    ids = sorted({key.organization_id for key in windows})
    for start in range(0, len(ids), _AT_ONCE):
        for row in at.run(wanted.where(_row.organization_id.in_(ids[start : start + _AT_ONCE]))):
            key = WindowKey(row.organization_id, row.period, row.label)
            if key in found:
                found[key][row.recipient] = _progress(row, at.now)
    return found


def _progress(row: Row[Any], now: datetime) -> RecipientProgress:
    state = DeliveryStatus(row.state)
    if state is DeliveryStatus.SENDING and row.lease_until <= now:  # its run is dead, and delivery is uncertain
        state = DeliveryStatus.UNKNOWN
    resting = state is DeliveryStatus.DEFERRED and row.next_try is not None and row.next_try > now
    return RecipientProgress(state, row.next_try, resting)
