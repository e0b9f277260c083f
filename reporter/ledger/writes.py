"""The ledger's basic writes: each changes a row and adds an event to its history in the same transaction."""

from typing import Any

from sqlalchemy import ColumnElement, and_, insert, update
from sqlalchemy.dialects import sqlite

from reporter.delivery.channel import DeliveryKey
from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES, EVENTS
from reporter.ledger.state import MessageState, Purpose

_row = DELIVERIES.c


def add(at: Transaction, run: str, key: DeliveryKey, *, note: str = "", **values: Any) -> bool:
    """Add a message's row, planned unless `values` say otherwise; return False, and change nothing, if it exists."""
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
    """Change the state of the one row that matches `which`; return whether there was one."""
    changes = {"state": state, "changed_at": at.now, **values}
    changed = at.run(update(DELIVERIES).where(which).values(**changes).returning(_row.id)).scalar()
    if changed is not None:
        tell(at, run, changed, state, note)
    return changed is not None


def tell(at: Transaction, run: str, delivery: int, state: MessageState, note: str = "") -> None:
    """Record the new state of a delivery, and the run that changed it."""
    at.run(insert(EVENTS).values(delivery_id=delivery, at=at.now, run=run, state=state, note=note))


def upsert(at: Transaction) -> Any:
    """The insert that supports ON CONFLICT; the dialects differ only in the import."""
    if at.connection.dialect.name == "sqlite":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - most ledgers are files

    return postgresql.insert


def in_window(organization_id: str, period: str, label: str) -> ColumnElement[bool]:
    """The report messages of one window, in every revision."""
    mine = (_row.organization_id == organization_id, _row.period == period, _row.label == label)
    return and_(_row.purpose == Purpose.REPORT, *mine)


def is_message(key: DeliveryKey, purpose: Purpose = Purpose.REPORT) -> ColumnElement[bool]:
    """The row of this message."""
    return and_(_row.purpose == purpose, *(_row[name] == value for name, value in _columns(key).items()))


def _columns(key: DeliveryKey) -> dict[str, Any]:
    names = ("organization_id", "period", "label", "recipient", "revision")
    return {name: getattr(key, name) for name in names}
