"""The ledger's guarantees hold after each step of any sequence of planning, sending, crashing, waiting, and settling.

The model includes a mail server that accepts a message, or does not, once the message is being sent.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from reporter.delivery.channel import Claim, ClaimLost, DeliveryKey, DeliveryStatus
from reporter.ledger.database_schema import DELIVERIES, EVENTS, RUNS
from reporter.ledger.ledger import Ledger
from reporter.ledger.record import MessageRecord
from reporter.ledger.resolution import confirm, send_again
from tests.unit.delivery.mails import key_of
from tests.unit.ledger.ledgers import ACCEPTED, DEFERRED, FAILED, REFUSED, UNKNOWN, LedgerFixture, asked

KEYS = tuple(key_of(f"reader-{number}@acme.example") for number in range(3))
OUTCOMES = {ACCEPTED.reply: ACCEPTED, DEFERRED.reply: DEFERRED, FAILED.reply: FAILED, UNKNOWN.reply: UNKNOWN}
TOLD = {DeliveryStatus.ACCEPTED, DeliveryStatus.DEFERRED, DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN}
WAYS = {
    DeliveryStatus.PLANNED: {DeliveryStatus.CLAIMED},
    DeliveryStatus.CLAIMED: {DeliveryStatus.CLAIMED, DeliveryStatus.PLANNED, DeliveryStatus.SENDING},
    DeliveryStatus.SENDING: TOLD,
    DeliveryStatus.DEFERRED: {DeliveryStatus.CLAIMED},
    DeliveryStatus.UNKNOWN: {*TOLD, DeliveryStatus.PLANNED} - {DeliveryStatus.UNKNOWN},
}
"""The allowed next states of each state; a state that is missing has none."""

NUMBER = st.integers(min_value=0, max_value=9)


class World(RuleBasedStateMachine):
    """Runs that start and die with one ledger, and a server that counts the messages it accepted."""

    def __init__(self, ledger: LedgerFixture) -> None:
        super().__init__()
        self.ledger = ledger
        with ledger.database.transaction() as at:
            for table in (EVENTS, DELIVERIES, RUNS):
                at.run(delete(table))
        ledger.dead.clear()
        self.runs: list[Ledger] = [ledger.run(), ledger.run()]
        self.runs[0].plan(KEYS[:2], "Acme Roofing")
        self.claims: list[tuple[Ledger, Claim]] = []
        self.committed: list[tuple[Ledger, Claim]] = []
        self.taken: Counter[DeliveryKey] = Counter()
        self.words: Counter[DeliveryKey] = Counter()
        self.final: set[int] = set()
        self.seen: dict[int, int] = {}

    def row(self, key: DeliveryKey) -> Any:
        """The current row, with its token; None if there is none."""
        with self.ledger.database.transaction() as at:
            found = at.run(select(DELIVERIES).where(DELIVERIES.c.recipient == key.recipient)).one_or_none()
            return None if found is None else (found, at.now)

    @rule(number=NUMBER)
    def die(self, number: int) -> None:
        """A run is killed during whatever it was doing; another begins, which finds what dead runs have left."""
        run = self.runs.pop(number % len(self.runs))
        self.ledger.dead.add(run.run)
        self.claims = [each for each in self.claims if each[0] is not run]
        self.committed = [each for each in self.committed if each[0] is not run]
        self.runs.append(self.ledger.run())

    @rule(minutes=st.sampled_from([5, 31, 300, 60 * 24 * 6]))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.ledger.pass_time(timedelta(minutes=minutes))

    @rule(number=NUMBER, key=st.sampled_from(KEYS))
    def plan(self, number: int, key: DeliveryKey) -> None:
        """A run plans a message, which may already be known."""
        before = self.row(key)
        self.runs[number % len(self.runs)].plan([key], "Acme Roofing")
        assert before is None or self.row(key)[0] == before[0]

    @rule(number=NUMBER, key=st.sampled_from(KEYS))
    def claim(self, number: int, key: DeliveryKey) -> None:
        """A run claims a message, which succeeds exactly if the message is ready to be sent and no other run has it."""
        if (found := self.row(key)) is None:
            return
        before, now = found
        free = before.state == DeliveryStatus.PLANNED
        free |= before.state == DeliveryStatus.DEFERRED and before.next_try <= now
        free |= before.state == DeliveryStatus.CLAIMED and before.lease_until <= now
        run = self.runs[number % len(self.runs)]
        claim = asked(run, key)
        assert isinstance(claim, Claim) == free
        if isinstance(claim, Claim):
            assert claim.token > before.token
            self.claims.append((run, claim))

    @precondition(lambda self: self.claims)
    @rule(number=NUMBER)
    def commit(self, number: int) -> None:
        """A run starts to send, which is allowed while it holds the message."""
        run, claim = self.claims.pop(number % len(self.claims))
        before = self.row(claim.key)[0]
        may = (before.token, before.state) == (claim.token, DeliveryStatus.CLAIMED)
        try:
            run.commit(claim)
        except ClaimLost:
            assert not may
            assert self.row(claim.key)[0] == before
        else:
            assert may
            self.committed.append((run, claim))

    @precondition(lambda self: self.claims)
    @rule(number=NUMBER)
    def be_refused(self, number: int) -> None:
        """The server refuses the run: the message is planned again, unless another run has claimed it."""
        run, claim = self.claims.pop(number % len(self.claims))
        before = self.row(claim.key)[0]
        run.settle(claim, REFUSED)
        after = self.row(claim.key)[0]
        assert after == before or (before.token == claim.token and after.state == DeliveryStatus.PLANNED)

    @precondition(lambda self: self.committed)
    @rule(number=NUMBER, reply=st.sampled_from(sorted(OUTCOMES)), is_taken=st.booleans(), is_noted=st.booleans())
    def answer(self, number: int, reply: str, *, is_taken: bool, is_noted: bool) -> None:
        """The server accepts the message or not, and the run receives the answer, or dies first."""
        run, claim = self.committed.pop(number % len(self.committed))
        sent = OUTCOMES[reply]
        if sent is ACCEPTED or (sent is UNKNOWN and is_taken):
            self.taken[claim.key] += 1
        before = self.row(claim.key)[0]
        if is_noted:
            run.settle(claim, sent)
            after = self.row(claim.key)[0]
            assert after == before or (before.token == claim.token and before.state in {"sending", "unknown"})
        else:
            self.die(self.runs.index(run))

    @rule(key=st.sampled_from(KEYS), again=st.booleans())
    def settle(self, key: DeliveryKey, *, again: bool) -> None:
        """A person settles an unknown outcome as sent or not sent; only then may the message be sent again."""
        found = self.row(key)
        if found is None or found[0].state != DeliveryStatus.UNKNOWN:
            return
        (send_again if again else confirm)(self.runs[0], [found[0].id])
        self.words[key] += again
        if again:
            self.committed = [each for each in self.committed if each[1].key != key]

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        """The server has each message once, plus once for each time that a person decided to resend it."""
        for key in KEYS:
            assert self.taken[key] <= 1 + self.words[key]

    @invariant()
    def nothing_vanishes(self) -> None:
        """Rows and events are never removed, every state has its event, and accepted is final."""
        records = {record.id: record for record in self.ledger.records()}
        told = self._told()
        assert self.seen.keys() <= records.keys() == told.keys()
        for number, record in records.items():
            events, last = told[number]
            assert (last, events >= self.seen.get(number, 1)) == (record.state, True)
            assert number not in self.final or record.state is DeliveryStatus.ACCEPTED
            _check(record)
        self.seen = {number: events for number, (events, _) in told.items()}
        self.final |= {number for number, record in records.items() if record.state is DeliveryStatus.ACCEPTED}

    def _told(self) -> dict[int, tuple[int, str]]:
        """For each delivery, the number of events and the state of the last one."""
        ordered = select(EVENTS.c.delivery_id, EVENTS.c.state).order_by(EVENTS.c.id)
        told: dict[int, tuple[int, str]] = {}
        with self.ledger.database.transaction() as at:
            for each in at.run(ordered):
                before = told.get(each.delivery_id, (0, None))[1]
                assert before is None or each.state in WAYS.get(DeliveryStatus(before), set())
                told[each.delivery_id] = (told.get(each.delivery_id, (0, ""))[0] + 1, each.state)
        return told


def _check(record: MessageRecord) -> None:
    """Check every row by itself."""
    assert (record.next_try is not None) == (record.state is DeliveryStatus.DEFERRED)
    assert record.delivery.status is not DeliveryStatus.OUTBOX
    assert record.was_tried or record.state is DeliveryStatus.PLANNED


def test_whatever_happens_the_ledger_keeps_its_promises(ledger: LedgerFixture) -> None:
    """No message is accepted twice, lost, or unaccounted for, whatever runs do and whenever they die."""

    class Here(World):
        def __init__(self) -> None:
            super().__init__(ledger)

    run_state_machine_as_test(Here, settings=settings(max_examples=40, stateful_step_count=40))
