"""The ledger during a run: `plan`, `claim`, `commit`, and `settle` each message, durably before the next step.

Every write after a claim checks the claim's token. A claim is taken over only if its lease has expired or its run is
known to be dead; a message that is committing, accepted, or unknown is never taken over.
"""

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update

from reporter import __version__
from reporter.delivery.channel import Claim, ClaimLost, Delivery, DeliveryKey, DeliveryStatus, SendResult
from reporter.ledger.database import Database, Transaction
from reporter.ledger.database_schema import DELIVERIES, RUNS
from reporter.ledger.record import record
from reporter.ledger.state import MessageState, Purpose
from reporter.ledger.window_state import WindowState
from reporter.ledger.writes import add, change, in_window, is_message, tell, upsert

LEASE = timedelta(minutes=30)
"""How long a run has a message to itself: longer than a server may take from its greeting to its last reply."""

GIVEN_UP_AFTER = timedelta(days=5)
"""The time from the plan to the last attempt, as in RFC 5321 (4.5.4.1)."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=4)
"""The limits of the retry delay of a deferred message, which doubles with each attempt."""

_LEFT = "the run that had it ended, or was held up, before anything could be delivered"
_DIED = "the run that sent it ended before the server's answer was noted: ask the reader, or the server's log"
_STATES = {
    DeliveryStatus.ACCEPTED: MessageState.ACCEPTED,
    DeliveryStatus.DEFERRED: MessageState.DEFERRED,
    DeliveryStatus.FAILED: MessageState.FAILED,
    DeliveryStatus.UNKNOWN: MessageState.UNKNOWN,
}
_row = DELIVERIES.c


class Ledger:
    """The ledger of the run with the id `run`; `has_ended` returns True for a run that is certainly dead.

    Thread-safe. Every method raises LedgerError if the ledger cannot be read or written.
    """

    def __init__(self, database: Database, run: str, has_ended: Callable[[str], bool] = lambda _run: False) -> None:
        self.database = database
        self.run = run
        with database.transaction() as at:
            self._enter(at)
            self._recover(at, has_ended)

    def standing(self, organization_id: str, period: str, label: str) -> WindowState:
        """The state of this window's report: every message, and who still has to receive one."""
        with self.database.transaction() as at:
            rows = at.run(select(DELIVERIES).where(in_window(organization_id, period, label)).order_by(_row.id))
            return WindowState(tuple(map(record, rows)), at.now)

    def holders(self) -> set[str]:
        """The runs that currently hold a message."""
        with self.database.transaction() as at:
            held = select(_row.owner).where(_row.state.in_([MessageState.CLAIMED, MessageState.COMMITTING]))
            return {owner for (owner,) in at.run(held)}

    def plan(
        self,
        keys: Sequence[DeliveryKey],
        organization: str,
        reason: str | None = None,
        purpose: Purpose = Purpose.REPORT,
    ) -> None:
        """Record that these messages are to be sent, in one transaction; messages already known stay unchanged."""
        with self.database.transaction() as at:
            self._plan(at, keys, organization, reason, purpose)

    def revise(self, keys: Sequence[DeliveryKey], organization: str, reason: str) -> None:
        """Plan a new revision of a window for these recipients, and for those without the previous one."""
        first = keys[0]
        window = in_window(first.organization_id, first.period, first.label)
        with self.database.transaction() as at:
            unsent = and_(
                window, _row.revision < first.revision, _row.state.in_([MessageState.PLANNED, MessageState.DEFERRED])
            )
            note = f"replaced by revision {first.revision}"
            others = [
                other
                for other in at.run(select(_row.id, _row.recipient).where(unsent)).all()
                if change(
                    at, self.run, and_(unsent, _row.id == other.id), state=MessageState.FAILED, reply=note, note=note
                )
            ]
            everyone = dict.fromkeys([*keys, *(replace(first, recipient=other.recipient) for other in others)])
            self._plan(at, tuple(everyone), organization, reason, Purpose.REPORT)

    def claim(
        self, key: DeliveryKey, message_id: str, file: str, sha256: str, purpose: Purpose = Purpose.REPORT
    ) -> Claim | Delivery:
        """Claim this planned message; return the claim, or what is known of the message if it is not available."""
        with self.database.transaction() as at:
            free = or_(
                _row.state == MessageState.PLANNED,
                and_(_row.state == MessageState.DEFERRED, _row.next_try <= at.now),
                and_(_row.state == MessageState.CLAIMED, _row.lease_until <= at.now),
            )
            take = (
                update(DELIVERIES)
                .where(is_message(key, purpose), free)
                .values(
                    state=MessageState.CLAIMED,
                    token=_row.token + 1,
                    attempts=_row.attempts + 1,
                    owner=self.run,
                    lease_until=at.now + LEASE,
                    next_try=None,
                    message_id=message_id,
                    file=file,
                    sha256=sha256,
                    changed_at=at.now,
                )
                .returning(_row.id, _row.token)
            )
            if taken := at.run(take).one_or_none():
                tell(at, self.run, taken.id, MessageState.CLAIMED)
                return Claim(taken.id, taken.token, key, message_id, file)
            return record(at.run(select(DELIVERIES).where(is_message(key, purpose))).one()).delivery

    def commit(self, claim: Claim) -> None:
        """Record that the final dot is next. Raises ClaimLost if another run has taken over the message."""
        with self.database.transaction() as at:
            ours = _held(claim, MessageState.CLAIMED)
            if not change(at, self.run, ours, state=MessageState.COMMITTING, lease_until=at.now + LEASE):
                raise ClaimLost

    def settle(self, claim: Claim, sent: SendResult) -> Delivery:
        """Record the result of sending, unless another run has taken over the message."""
        with self.database.transaction() as at:
            found = at.run(select(_row.attempts, _row.planned_at).where(_row.id == claim.id)).one()
            sent = _patient(sent, at.now - found.planned_at)
            values: dict[str, Any] = {"state": _STATES[sent.status], "reply": sent.reply, "lease_until": None}
            if not sent.attempted:  # no server was asked, so it does not count as an attempt
                values |= {"state": MessageState.PLANNED, "attempts": found.attempts - 1}
            elif sent.status is DeliveryStatus.DEFERRED:
                values["next_try"] = at.now + _pause(found.attempts)
            ours = _held(claim, MessageState.CLAIMED, MessageState.COMMITTING, MessageState.UNKNOWN)
            change(at, self.run, ours, note=sent.reply, **values)
        return Delivery(claim.key.recipient, claim.message_id, claim.file, sent.status, sent.reply)

    def _enter(self, at: Transaction) -> None:
        """Record the run itself, which also verifies that the ledger can be written."""
        values = {"host": socket.gethostname(), "process": os.getpid(), "version": __version__}
        at.run(upsert(at)(RUNS).values(id=self.run, started_at=at.now, **values).on_conflict_do_nothing())

    def _plan(
        self,
        at: Transaction,
        keys: Sequence[DeliveryKey],
        organization: str,
        reason: str | None,
        purpose: Purpose,
    ) -> None:
        about = {"purpose": purpose, "organization": organization, "reason": reason}
        for key in keys:
            add(at, self.run, key, note=reason or "", **about)

    def _recover(self, at: Transaction, has_ended: Callable[[str], bool]) -> None:
        """Recover messages of dead runs: claimed ones become planned, committing ones unknown."""
        held = select(DELIVERIES).where(
            _row.state.in_([MessageState.CLAIMED, MessageState.COMMITTING]), _row.owner != self.run
        )
        for row in at.run(held).all():
            if row.lease_until > at.now and not has_ended(row.owner):
                continue
            claimed = row.state == MessageState.CLAIMED
            state, reply, note = (
                (MessageState.PLANNED, row.reply, _LEFT) if claimed else (MessageState.UNKNOWN, _DIED, _DIED)
            )
            still = and_(_row.id == row.id, _row.token == row.token, _row.state == row.state)
            change(at, self.run, still, state=state, reply=reply, lease_until=None, note=note)


def _held(claim: Claim, *states: MessageState) -> ColumnElement[bool]:
    """The claimed row, as long as its token is the claim's."""
    return and_(_row.id == claim.id, _row.token == claim.token, _row.state.in_(states))


def _patient(sent: SendResult, since_plan: timedelta) -> SendResult:
    """Turn a deferral that has lasted too long into a failure."""
    if sent.status is DeliveryStatus.DEFERRED and sent.attempted and since_plan > GIVEN_UP_AFTER:
        return SendResult(DeliveryStatus.FAILED, f"given up after {GIVEN_UP_AFTER.days} days: {sent.reply}")
    return sent


def _pause(attempts: int) -> timedelta:
    doublings = min(attempts - 1, 10)  # more would exceed the longest pause, and eventually the timedelta range
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)
