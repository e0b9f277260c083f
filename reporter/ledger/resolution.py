"""A person's word on a message of which the program cannot know, or must not decide, what is to become."""

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
"""Why there is nothing to settle about a message in this state."""


def confirm(book: Ledger, deliveries: Sequence[int], note: str = "") -> Sequence[MessageRecord]:
    """Note that the readers have these messages of unknown outcome. Raises UsageError, and nothing is noted then."""
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
    """Plan these messages of unknown outcome, or failed, again: the next run of their window sends the very bytes.

    One of an earlier revision is not sent: its reader is to have the latest instead, where they have none of it.
    Raises UsageError, and nothing is planned then.
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
    """The token is raised, so that whoever had the message before can say nothing about it any more."""
    again = {"token": row.token + 1, "lease_until": None, "next_try": None, "planned_at": at.now}
    change(at, run, _row.id == row.id, state=MessageState.PLANNED, note=note, **again)


def _supersede(at: Transaction, run: str, row: Row[tuple[object, ...]], latest: int) -> None:
    """What `Ledger.revise` does with what was not sent when the revision was made."""
    reply = f"replaced by revision {latest}"
    change(at, run, _row.id == row.id, state=MessageState.FAILED, reply=reply, note=reply, token=row.token + 1)
    window = in_window(row.organization_id, row.period, row.label)
    reason = at.run(select(_row.reason).where(window, _row.revision == latest).limit(1)).scalar()
    key = record(row).key
    add(at, run, replace(key, revision=latest), note=reply, organization=row.organization, reason=reason)


def _open(at: Transaction, deliveries: Sequence[int], states: set[MessageState]) -> Sequence[Row[tuple[object, ...]]]:
    """The rows, which nobody else changes meanwhile. Raises UsageError unless all are in one of these states."""
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
