"""The ledger's smallest writes: a row, and in the same transaction the event that tells of it for ever."""

from typing import Any

from sqlalchemy import ColumnElement, and_, insert, update
from sqlalchemy.dialects import sqlite

from reporter.delivery.channel import DeliveryKey
from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES, EVENTS
from reporter.ledger.state import MessageState, Purpose

_row = DELIVERIES.c


def add(at: Transaction, run: str, key: DeliveryKey, *, note: str = "", **values: Any) -> bool:
    """Add the row of a message, planned unless `values` say otherwise; False where there is one: it stays as it is."""
    fresh = {
        "state": MessageState.PLANNED,
        "reply": "",
        "attempts": 0,
        "token": 0,
        "planned_at": at.now,
        "changed_at": at.now,
    }
    row = {"purpose": Purpose.REPORT, **_columns(key), **fresh, **values}
    made = at.run(upsert(at)(DELIVERIES).values(**row).on_conflict_do_nothing().returning(_row.id)).scalar()
    if made is not None:
        tell(at, run, made, row["state"], note)
    return made is not None


def change(
    at: Transaction, run: str, which: ColumnElement[bool], *, state: MessageState, note: str = "", **values: Any
) -> bool:
    """Bring the one row that is still as `which` says into another state; whether there was one."""
    changes = {"state": state, "changed_at": at.now, **values}
    changed = at.run(update(DELIVERIES).where(which).values(**changes).returning(_row.id)).scalar()
    if changed is not None:
        tell(at, run, changed, state, note)
    return changed is not None


def tell(at: Transaction, run: str, delivery: int, state: MessageState, note: str = "") -> None:
    """Note the state that a delivery has come to, and through which run."""
    at.run(insert(EVENTS).values(delivery_id=delivery, at=at.now, run=run, state=state, note=note))


def upsert(at: Transaction) -> Any:
    """The insert that may meet a row that is there; only its import differs."""
    if at.connection.dialect.name == "sqlite":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - most ledgers are files

    return postgresql.insert


def in_window(organization_id: str, period: str, label: str) -> ColumnElement[bool]:
    """The messages to readers, of every revision, of one window's report."""
    mine = (_row.organization_id == organization_id, _row.period == period, _row.label == label)
    return and_(_row.purpose == Purpose.REPORT, *mine)


def is_message(key: DeliveryKey, purpose: Purpose = Purpose.REPORT) -> ColumnElement[bool]:
    """The row of this very message."""
    return and_(_row.purpose == purpose, *(_row[name] == value for name, value in _columns(key).items()))


def _columns(key: DeliveryKey) -> dict[str, Any]:
    names = ("organization_id", "period", "label", "recipient", "revision")
    return {name: getattr(key, name) for name in names}
