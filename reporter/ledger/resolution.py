"""Resolve messages by an operator's decision, where the program cannot know the outcome or must not decide."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select

from reporter.delivery.channel import DeliveryStatus, Purpose
from reporter.domain.errors import UsageError
from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES
from reporter.ledger.ledger import Ledger, add, change, in_window
from reporter.ledger.message_history import no_such
from reporter.ledger.record import MessageRecord, records

_row = DELIVERIES.c

_ADVICE = {
    DeliveryStatus.PLANNED: "the next run of its window sends it",
    DeliveryStatus.CLAIMED: "a run is sending it, or died less than half an hour ago: check again later",
    DeliveryStatus.SENDING: (
        "a run is waiting for the server's reply, or died less than half an hour ago: check again later"
    ),
    DeliveryStatus.ACCEPTED: "the server accepted it, and only --force REASON sends the report again",
    DeliveryStatus.DEFERRED: "it is not sent yet, and the next run of its window retries it",
    DeliveryStatus.FAILED: "the server rejected it, so it was not sent; --resend sends it again",
}
"""Why a message in this state has nothing to resolve."""


def confirm(ledger: Ledger, deliveries: Sequence[int], note: str = "") -> Sequence[MessageRecord]:
    """Record these messages of unknown outcome as delivered. Raises UsageError, and then records nothing."""
    reply = _with_note("delivered, as an operator confirmed", note)
    with ledger.database.transaction() as at:
        for record in _resolvable(at, deliveries, {DeliveryStatus.UNKNOWN}):
            _resolve(at, ledger.run, record, DeliveryStatus.ACCEPTED, reply, reply=reply)
        return records(at, _row.id.in_(deliveries))


def send_again(ledger: Ledger, deliveries: Sequence[int], note: str = "") -> Sequence[MessageRecord]:
    """Plan these unknown or failed messages again: the next run of their window sends the same bytes.

    A message of an earlier revision is not sent; its recipient gets the latest revision instead, unless planned before.
    Raises UsageError, and then plans nothing.
    """
    reply = _with_note("to be sent again, as an operator decided", note)
    with ledger.database.transaction() as at:
        for record in _resolvable(at, deliveries, {DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED}):
            window = in_window(record.organization_id, record.period, record.label)
            latest = at.run(select(func.max(_row.revision)).where(window)).scalar_one()
            if latest > record.revision:
                _supersede(at, ledger.run, record, latest)
            else:
                again = {"lease_until": None, "next_try": None, "planned_at": at.now}
                _resolve(at, ledger.run, record, DeliveryStatus.PLANNED, reply, **again)
        return records(at, _row.id.in_(deliveries))


def _supersede(at: Transaction, run: str, record: MessageRecord, latest: int) -> None:
    """Replace the message by the latest revision, as `Ledger.revise` does with unsent messages."""
    reply = f"replaced by revision {latest}"
    _resolve(at, run, record, DeliveryStatus.FAILED, reply, reply=reply)
    window = in_window(record.organization_id, record.period, record.label)
    reason = at.run(select(_row.reason).where(window, _row.revision == latest).limit(1)).scalar()
    add(at, run, replace(record.key, revision=latest), note=reply, organization=record.organization, reason=reason)


def _resolve(
    at: Transaction, run: str, record: MessageRecord, state: DeliveryStatus, note: str, **values: object
) -> None:
    """Change the message's state; its token is incremented, so that its previous owner can no longer change it."""
    change(at, run, _row.id == record.id, state=state, note=note, token=_row.token + 1, **values)


def _resolvable(at: Transaction, deliveries: Sequence[int], states: set[DeliveryStatus]) -> Sequence[MessageRecord]:
    """The messages, locked for the transaction. Raises UsageError unless all of them are in one of these states."""
    at.run(select(_row.id).where(_row.id.in_(deliveries)).order_by(_row.id).with_for_update()).all()
    found = records(at, _row.id.in_(deliveries))
    errors = [no_such(number) for number in deliveries if number not in {record.id for record in found}]
    errors += [_error(record) for record in found if record.state not in states or record.purpose is Purpose.TEST]
    if errors:
        raise UsageError(" ".join(errors))
    return found


def _error(record: MessageRecord) -> str:
    if record.purpose is Purpose.TEST:
        return f"Delivery {record.id} is a test send to an operator: send another with `hyperrep-report doctor`."
    return f"Delivery {record.id} is {record.state}, so there is nothing to resolve: {_ADVICE[record.state]}."


def _with_note(reply: str, note: str) -> str:
    return f"{reply}: {note}" if note else reply
