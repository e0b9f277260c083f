"""Resolve messages by an operator's decision, where the program cannot know the outcome or must not decide."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Row, func, select

from reporter.domain.errors import UsageError
from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES
from reporter.ledger.ledger import Ledger
from reporter.ledger.message_history import no_such
from reporter.ledger.record import MessageRecord, record
from reporter.ledger.state import MessageState, Purpose
from reporter.ledger.writes import add, change, in_window

_row = DELIVERIES.c

_SETTLED = {
    MessageState.PLANNED: "the next run of its window sends it",
    MessageState.CLAIMED: "a run is sending it, or died less than half an hour ago: look again later",
    MessageState.COMMITTING: (
        "a run is waiting for the server's answer, or died less than half an hour ago: look again later"
    ),
    MessageState.ACCEPTED: "the server has it, and only --force REASON sends the report again",
    MessageState.DEFERRED: "it is not sent yet, and the next run of its window tries again",
    MessageState.FAILED: "the server refused it, so it was not sent; --resend sends it again",
}
"""Why a message in this state has nothing to resolve."""


def confirm(book: Ledger, deliveries: Sequence[int], note: str = "") -> Sequence[MessageRecord]:
    """Record these messages of unknown outcome as delivered. Raises UsageError, and then records nothing."""
    reply = _worded("delivered, by a person's word", note)
    with book.database.transaction() as at:
        for row in _open(at, deliveries, {MessageState.UNKNOWN}):
            change(
                at,
                book.run,
                _row.id == row.id,
                state=MessageState.ACCEPTED,
                reply=reply,
                note=reply,
                token=row.token + 1,
            )
        return _now(at, deliveries)


def send_again(book: Ledger, deliveries: Sequence[int], note: str = "") -> Sequence[MessageRecord]:
    """Plan these unknown or failed messages again: the next run of their window sends the same bytes.

    A message of an earlier revision is not sent; its recipient gets the latest revision instead, unless planned before.
    Raises UsageError, and then plans nothing.
    """
    with book.database.transaction() as at:
        for row in _open(at, deliveries, {MessageState.UNKNOWN, MessageState.FAILED}):
            window = in_window(row.organization_id, row.period, row.label)
            latest = at.run(select(func.max(_row.revision)).where(window)).scalar()
            if latest is not None and latest > row.revision:
                _supersede(at, book.run, row, latest)
            else:
                _plan(at, book.run, row, _worded("to be sent again, by a person's word", note))
        return _now(at, deliveries)


def _plan(at: Transaction, run: str, row: Row[tuple[object, ...]], note: str) -> None:
    """Plan the row again; its token is incremented, so that its previous owner can no longer change it."""
    again = {"token": row.token + 1, "lease_until": None, "next_try": None, "planned_at": at.now}
    change(at, run, _row.id == row.id, state=MessageState.PLANNED, note=note, **again)


def _supersede(at: Transaction, run: str, row: Row[tuple[object, ...]], latest: int) -> None:
    """Replace the row by the latest revision, as `Ledger.revise` does with unsent messages."""
    reply = f"replaced by revision {latest}"
    change(at, run, _row.id == row.id, state=MessageState.FAILED, reply=reply, note=reply, token=row.token + 1)
    window = in_window(row.organization_id, row.period, row.label)
    reason = at.run(select(_row.reason).where(window, _row.revision == latest).limit(1)).scalar()
    key = record(row).key
    add(at, run, replace(key, revision=latest), note=reply, organization=row.organization, reason=reason)


def _open(at: Transaction, deliveries: Sequence[int], states: set[MessageState]) -> Sequence[Row[tuple[object, ...]]]:
    """The rows, locked for the transaction. Raises UsageError unless all of them are in one of these states."""
    rows = at.run(select(DELIVERIES).where(_row.id.in_(deliveries)).order_by(_row.id).with_for_update()).all()
    missing = [no_such(each) for each in deliveries if each not in {row.id for row in rows}]
    if refused := [*missing, *(_refusal(row) for row in rows if not _may(row, states))]:
        raise UsageError(" ".join(refused))
    return rows


def _may(row: Row[tuple[object, ...]], states: set[MessageState]) -> bool:
    return row.state in states and row.purpose == Purpose.REPORT


def _refusal(row: Row[tuple[object, ...]]) -> str:
    if row.purpose == Purpose.TEST:
        return f"Delivery {row.id} is a test, which is no reader's: send another with `hyperrep-report doctor`."
    return f"Delivery {row.id} is {row.state}, so there is nothing to settle: {_SETTLED[MessageState(row.state)]}."


def _now(at: Transaction, deliveries: Sequence[int]) -> Sequence[MessageRecord]:
    rows = at.run(select(DELIVERIES).where(_row.id.in_(deliveries)).order_by(_row.id))
    return tuple(map(record, rows))


def _worded(what: str, note: str) -> str:
    return f"{what}: {note}" if note else what
