"""The ledger during a run: `plan`, `claim`, `commit`, and `settle` each message, durably before the next step.

    planned ─▶ claimed ─▶ sending ─▶ accepted | deferred | failed | unknown
       ▲          │                               │          │        │
       └──────────┴── lease expired, not tried ◀──┘          └────────┴── only by an operator: resolve --resend

Every write after a claim checks the claim's token. A claim is taken over only if its lease has expired or its run is
known to be dead; a message that is sending, accepted, or unknown is never taken over.
"""

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update
from sqlalchemy.dialects import sqlite

from reporter import __version__
from reporter.delivery.channel import Claim, ClaimLost, Delivery, DeliveryKey, DeliveryStatus, Purpose, SendResult
from reporter.ledger.database import Database, Transaction
from reporter.ledger.database_schema import DELIVERIES, EVENTS, RUNS
from reporter.ledger.record import WindowState, records

LEASE = timedelta(minutes=30)
"""How long a run has a message to itself: longer than a server may take from its greeting to its last reply."""

GIVEN_UP_AFTER = timedelta(days=5)
"""The time from the plan to the last attempt, as in RFC 5321 (4.5.4.1)."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=4)
"""The limits of the retry delay of a deferred message, which doubles with each attempt."""

_UNSENT = "the run that had it ended, or stalled, before anything could be delivered"
_UNCERTAIN = (
    "the run that sent it ended before it recorded the server's reply: ask the recipient, or see the server's log"
)
_HELD = (DeliveryStatus.CLAIMED, DeliveryStatus.SENDING)
_row = DELIVERIES.c


class Ledger:
    """The ledger of the run with the id `run`; `has_ended` returns True for a run that is certainly dead.

    Thread-safe. Every method raises LedgerError if the ledger cannot be read or written.
    """

    def __init__(self, database: Database, run: str, has_ended: Callable[[str], bool] = lambda _run: False) -> None:
        self.database = database
        self.run = run
        with database.transaction() as at:
            record_run(at, run)
            self._recover(at, has_ended)

    def window_state(self, organization_id: str, period: str, label: str) -> WindowState:
        """The state of this window's report: every message, and who still has to receive one."""
        with self.database.transaction() as at:
            return WindowState(records(at, in_window(organization_id, period, label)), at.now)

    def holders(self) -> set[str]:
        """The runs that currently hold a message."""
        with self.database.transaction() as at:
            return set(at.run(select(_row.owner).where(_row.state.in_(_HELD))).scalars())

    def next_test(self) -> int:
        """The number of the next test send: each is a separate message, however often the same report is tested."""
        with self.database.transaction() as at:
            latest = at.run(select(func.max(_row.revision)).where(_row.purpose == Purpose.TEST)).scalar()
            return int(latest or 0) + 1

    def plan(self, keys: Sequence[DeliveryKey], organization: str) -> None:
        """Record that these messages are to be sent, in one transaction; messages already known stay unchanged."""
        with self.database.transaction() as at:
            for key in keys:
                add(at, self.run, key, organization=organization)

    def revise(self, keys: Sequence[DeliveryKey], organization: str, reason: str) -> WindowState:
        """Plan a new revision of a window for these recipients, and for those without the previous one."""
        first = keys[0]
        window = in_window(first.organization_id, first.period, first.label)
        unsent = _row.state.in_([DeliveryStatus.PLANNED, DeliveryStatus.DEFERRED])
        note = f"replaced by revision {first.revision}"
        with self.database.transaction() as at:
            which = and_(window, _row.revision < first.revision, unsent)
            replaced = change(at, self.run, which, state=DeliveryStatus.FAILED, reply=note, note=note)
            for key in dict.fromkeys([*keys, *(replace(first, recipient=row.recipient) for row in replaced)]):
                add(at, self.run, key, note=reason, organization=organization, reason=reason)
            return WindowState(records(at, window), at.now)

    def claim(self, key: DeliveryKey, message_id: str, file: str, sha256: str) -> Claim | Delivery:
        """Claim this planned message; return the claim, or what is known of the message if it is not available."""
        with self.database.transaction() as at:
            free = or_(
                _row.state == DeliveryStatus.PLANNED,
                and_(_row.state == DeliveryStatus.DEFERRED, _row.next_try <= at.now),
                and_(_row.state == DeliveryStatus.CLAIMED, _row.lease_until <= at.now),
            )
            values: dict[str, Any] = {
                "token": _row.token + 1,
                "attempts": _row.attempts + 1,
                "owner": self.run,
                "lease_until": at.now + LEASE,
                "next_try": None,
                "message_id": message_id,
                "file": file,
                "sha256": sha256,
            }
            taken = change(at, self.run, and_(is_message(key), free), state=DeliveryStatus.CLAIMED, **values)
            if not taken:
                return records(at, is_message(key))[0].delivery
            row = taken[0]
            return Claim(row.id, row.token, key, message_id, file, row.attempts, row.planned_at)

    def commit(self, claim: Claim) -> None:
        """Record that the final dot is next. Raises ClaimLost if another run has taken over the message."""
        with self.database.transaction() as at:
            ours = _held(claim, DeliveryStatus.CLAIMED)
            if not change(at, self.run, ours, state=DeliveryStatus.SENDING, lease_until=at.now + LEASE):
                raise ClaimLost

    def settle(self, claim: Claim, sent: SendResult) -> Delivery:
        """Record the result of sending, unless another run has taken over the message."""
        with self.database.transaction() as at:
            sent = _given_up(sent, at.now - claim.planned_at)
            values: dict[str, Any] = {"state": sent.status, "reply": sent.reply, "lease_until": None}
            if not sent.attempted:  # no server was asked, so it does not count as an attempt
                values |= {"state": DeliveryStatus.PLANNED, "attempts": claim.attempts - 1}
            elif sent.status is DeliveryStatus.DEFERRED:
                values["next_try"] = at.now + _pause(claim.attempts)
            ours = _held(claim, *_HELD, DeliveryStatus.UNKNOWN)
            recorded = values["state"] if change(at, self.run, ours, note=sent.reply, **values) else None
        return Delivery(claim.key.recipient, claim.message_id, claim.file, sent.status, sent.reply, recorded)

    def _recover(self, at: Transaction, has_ended: Callable[[str], bool]) -> None:
        """Recover messages of dead runs: claimed ones become planned, sending ones unknown."""
        held = select(DELIVERIES).where(_row.state.in_(_HELD), _row.owner != self.run)
        for row in at.run(held).all():
            if row.lease_until > at.now and not has_ended(row.owner):
                continue
            state, reply, note = DeliveryStatus.UNKNOWN, _UNCERTAIN, _UNCERTAIN
            if row.state == DeliveryStatus.CLAIMED:
                state, reply, note = DeliveryStatus.PLANNED, row.reply, _UNSENT
            still = and_(_row.id == row.id, _row.token == row.token, _row.state == row.state)
            change(at, self.run, still, state=state, reply=reply, lease_until=None, note=note)


def record_run(at: Transaction, run: str) -> None:
    """Record the run, which also verifies that the ledger can be written."""
    values = {"host": socket.gethostname(), "process": os.getpid(), "version": __version__}
    at.run(upsert(at)(RUNS).values(id=run, started_at=at.now, **values).on_conflict_do_nothing())


def add(at: Transaction, run: str, key: DeliveryKey, *, note: str = "", **values: Any) -> bool:
    """Add a message's row, planned unless `values` say otherwise; return False, and change nothing, if it exists."""
    row = {**asdict(key), "state": DeliveryStatus.PLANNED, "planned_at": at.now, "changed_at": at.now, **values}
    added = at.run(upsert(at)(DELIVERIES).values(**row).on_conflict_do_nothing().returning(_row.id)).scalar()
    if added is not None:
        _add_event(at, run, added, row["state"], note)
    return added is not None


def change(
    at: Transaction, run: str, which: ColumnElement[bool], *, state: DeliveryStatus, note: str = "", **values: Any
) -> Sequence[Row[Any]]:
    """Change the state of the rows that match `which`, and return them."""
    changes = {"state": state, "changed_at": at.now, **values}
    changed = at.run(update(DELIVERIES).where(which).values(**changes).returning(*_row)).all()
    for row in changed:
        _add_event(at, run, row.id, state, note)
    return changed


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


def is_message(key: DeliveryKey) -> ColumnElement[bool]:
    """The row of this message."""
    return and_(*(_row[name] == value for name, value in asdict(key).items()))


def _add_event(at: Transaction, run: str, delivery: int, state: DeliveryStatus, note: str) -> None:
    """Record the new state of a delivery, and the run that changed it."""
    at.run(insert(EVENTS).values(delivery_id=delivery, at=at.now, run=run, state=state, note=note))


def _held(claim: Claim, *states: DeliveryStatus) -> ColumnElement[bool]:
    """The claimed row, as long as its token is the claim's."""
    return and_(_row.id == claim.id, _row.token == claim.token, _row.state.in_(states))


def _given_up(sent: SendResult, since_plan: timedelta) -> SendResult:
    """Turn a deferral that has lasted too long into a failure."""
    if sent.status is DeliveryStatus.DEFERRED and sent.attempted and since_plan > GIVEN_UP_AFTER:
        return SendResult(DeliveryStatus.FAILED, f"given up after {GIVEN_UP_AFTER.days} days: {sent.reply}")
    return sent


def _pause(attempts: int) -> timedelta:
    doublings = min(attempts - 1, 10)  # more would exceed the longest pause, and eventually the timedelta range
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)
