"""Queries of the ledger: the messages and the state history of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select

from reporter.delivery.channel import DeliveryStatus, Purpose
from reporter.domain.errors import UsageError
from reporter.ledger.database import Database, Transaction
from reporter.ledger.database_schema import DELIVERIES, EVENTS
from reporter.ledger.record import MessageRecord, record, records

_row = DELIVERIES.c


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which messages to find; None matches any. `organization` is an id or a name; `since` limits the last change."""

    organization: str | None = None
    period: str | None = None
    label: str | None = None
    recipient: str | None = None
    state: DeliveryStatus | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class StateChange:
    """One change of a message's state: when (UTC), by which run, to which state, and a note if there is more to say."""

    at: datetime
    run: str
    state: DeliveryStatus
    note: str

    def as_json(self) -> dict[str, Any]:
        """The event for JSON output."""
        return {"at": self.at.isoformat(), "run": self.run, "state": self.state, "note": self.note}


def find(database: Database, wanted: HistoryFilter, limit: int | None = None) -> tuple[Sequence[MessageRecord], int]:
    """At most `limit` matching messages, the most recently changed first, and the total number of matches."""
    with database.transaction() as at:
        asked = and_(True, *_conditions(at, wanted))
        rows = at.run(select(DELIVERIES).where(asked).order_by(_row.changed_at.desc(), _row.id.desc()).limit(limit))
        found = tuple(map(record, rows.mappings()))
        return found, at.run(select(func.count()).select_from(DELIVERIES).where(asked)).scalar_one()


def message_history(database: Database, delivery: int) -> tuple[MessageRecord, Sequence[StateChange]]:
    """One message and its state changes, in order. Raises UsageError if there is no such message."""
    with database.transaction() as at:
        found = records(at, _row.id == delivery)
        if not found:
            raise UsageError(no_such(delivery))
        rows = at.run(select(EVENTS).where(EVENTS.c.delivery_id == delivery).order_by(EVENTS.c.id))
        changes = tuple(StateChange(row.at, row.run, DeliveryStatus(row.state), row.note) for row in rows)
        return found[0], changes


def unresolved(at: Transaction) -> Sequence[MessageRecord]:
    """The emails whose delivery is uncertain, oldest first: each needs an operator's decision.

    Emails replaced by a later revision for the same recipient are left out.
    """
    later = DELIVERIES.alias()
    same = ("purpose", "organization_id", "period", "label", "recipient")
    replaced = exists().where(*(later.c[name] == _row[name] for name in same), later.c.revision > _row.revision)
    return records(at, _row.state == DeliveryStatus.UNKNOWN, _row.purpose == Purpose.REPORT, ~replaced)


def no_such(delivery: int) -> str:
    """The error message for a delivery number that does not exist."""
    return f"The ledger has no delivery {delivery}: `hyperrep-report history` lists those it has."


def _conditions(at: Transaction, wanted: HistoryFilter) -> Iterator[ColumnElement[bool]]:
    for name in ("period", "label", "recipient", "state"):
        if (value := getattr(wanted, name)) is not None:
            yield _row[name] == value
    if wanted.since is not None:
        yield _row.changed_at >= wanted.since
    if wanted.organization is not None:
        yield _row.organization_id.in_(_organizations(at, wanted.organization))


def _organizations(at: Transaction, asked: str) -> set[str]:
    """The ids of the organizations with this id or name, current or earlier; case does not matter in names."""
    known = at.run(select(_row.organization_id, _row.organization).distinct()).all()
    return {each.organization_id for each in known if asked == each.organization_id} or {
        each.organization_id for each in known if asked.casefold() == each.organization.casefold()
    }
