"""The states of a message in the ledger: who may send it, who may write, and what happens when a run dies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reporter.delivery.channel import ClaimLost, DeliveryStatus, Purpose, SendResult
from reporter.ledger.ledger import GIVEN_UP_AFTER, LEASE
from tests.unit.delivery.mails import key_of
from tests.unit.ledger.ledgers import (
    ACCEPTED,
    CEO,
    CFO,
    DEFERRED,
    FAILED,
    REFUSED,
    UNKNOWN,
    LedgerFixture,
    claimed,
    planned,
    refused,
    sent,
)

HELD = (DeliveryStatus.CLAIMED, DeliveryStatus.SENDING)


def test_each_state_leaves_its_event(ledger: LedgerFixture) -> None:
    """An accepted message has an event for each of its four states, with the server's reply and the run."""
    book = ledger.run()
    (key,) = planned(book)
    delivery = sent(book, key, ACCEPTED)
    (record,) = ledger.records()
    assert (delivery.status, record.state, record.reply) == (
        DeliveryStatus.ACCEPTED,
        DeliveryStatus.ACCEPTED,
        "250 2.0.0 Ok",
    )
    assert ledger.states() == [DeliveryStatus.PLANNED, *HELD, DeliveryStatus.ACCEPTED]
    assert [(event.run, event.note) for event in ledger.events()] == [*[("run-1", "")] * 3, ("run-1", "250 2.0.0 Ok")]


def test_what_is_planned_again_stays_as_it_is(ledger: LedgerFixture) -> None:
    """A known message keeps its state, and a new one beside it is added."""
    book = ledger.run()
    sent(book, planned(book)[0], ACCEPTED)
    planned(ledger.run(), CEO, CFO)
    assert [record.state for record in ledger.records()] == [DeliveryStatus.ACCEPTED, DeliveryStatus.PLANNED]


@pytest.mark.parametrize("outcome", [ACCEPTED, UNKNOWN, FAILED])
def test_nothing_final_is_sent_again(outcome: SendResult, ledger: LedgerFixture) -> None:
    """An accepted, unknown, or failed message is given to no run, however much time passes and whichever run dies."""
    book = ledger.run()
    (key,) = planned(book)
    sent(book, key, outcome)
    ledger.pass_time(timedelta(days=400))
    ledger.dead.add(book.run)
    assert refused(ledger.run(), key) is outcome.status


def test_a_claim_is_one_runs_until_its_lease_is_over(ledger: LedgerFixture) -> None:
    """Other runs learn that a message is being sent, and can claim it only after the lease has expired."""
    first, second = ledger.run(), ledger.run()
    (key,) = planned(first)
    old = claimed(first, key)
    ledger.pass_time(LEASE - timedelta(minutes=1))
    assert refused(second, key) is DeliveryStatus.CLAIMED
    ledger.pass_time(timedelta(minutes=1))
    assert claimed(second, key).token > old.token


def test_an_old_token_writes_nothing(ledger: LedgerFixture) -> None:
    """A run that lost the message to another run can neither start sending nor record an outcome."""
    first, second = ledger.run(), ledger.run()
    (key,) = planned(first)
    old = claimed(first, key)
    ledger.pass_time(LEASE)
    new = claimed(second, key)
    with pytest.raises(ClaimLost):
        first.commit(old)
    first.settle(old, FAILED)
    assert ledger.states() == [DeliveryStatus.PLANNED, DeliveryStatus.CLAIMED, DeliveryStatus.CLAIMED]
    second.commit(new)
    second.settle(new, ACCEPTED)
    first.settle(old, UNKNOWN)
    assert ledger.records()[0].state is DeliveryStatus.ACCEPTED


def test_a_dead_runs_claim_is_free_at_once(ledger: LedgerFixture) -> None:
    """A dead run's claim is released at once: nothing can have been delivered, so the next run sends."""
    first = ledger.run()
    (key,) = planned(first)
    old = claimed(first, key)
    assert refused(ledger.run(), key) is DeliveryStatus.CLAIMED
    ledger.dead.add(first.run)
    second = ledger.run()
    assert "before anything could be delivered" in ledger.events()[-1].note
    assert sent(second, key, ACCEPTED).status is DeliveryStatus.ACCEPTED
    with pytest.raises(ClaimLost):
        first.commit(old)


@pytest.mark.parametrize("is_dead", [True, False])
def test_sending_becomes_unknown_and_is_never_taken(ledger: LedgerFixture, *, is_dead: bool) -> None:
    """A run that dies while sending, or whose lease expires, leaves a message whose outcome is unknown."""
    first = ledger.run()
    (key,) = planned(first)
    first.commit(claimed(first, key))
    ledger.pass_time(LEASE - timedelta(minutes=1))
    assert refused(ledger.run(), key) is DeliveryStatus.SENDING
    if is_dead:
        ledger.dead.add(first.run)
    else:
        ledger.pass_time(timedelta(minutes=1))
        assert refused(first, key) is DeliveryStatus.SENDING
    assert refused(ledger.run(), key) is DeliveryStatus.UNKNOWN
    assert ledger.states() == [DeliveryStatus.PLANNED, *HELD, DeliveryStatus.UNKNOWN]


def test_a_late_answer_still_counts(ledger: LedgerFixture) -> None:
    """If a run presumed dead receives the server's answer after all, the answer replaces the unknown outcome."""
    first = ledger.run()
    (key,) = planned(first)
    claim = claimed(first, key)
    first.commit(claim)
    ledger.pass_time(LEASE)
    assert refused(ledger.run(), key) is DeliveryStatus.UNKNOWN
    first.settle(claim, ACCEPTED)
    assert ledger.states()[-2:] == [DeliveryStatus.UNKNOWN, DeliveryStatus.ACCEPTED]


def test_a_deferred_message_waits_longer_each_time(ledger: LedgerFixture) -> None:
    """A message is not retried before its time, first after five minutes, then ten, and at most four hours."""
    book = ledger.run()
    (key,) = planned(book)
    for minutes in (5, 10, 20, 40, 80, 160, 240, 240):
        assert sent(book, key, DEFERRED).status is DeliveryStatus.DEFERRED
        ledger.pass_time(timedelta(minutes=minutes - 1))
        assert refused(book, key) is DeliveryStatus.DEFERRED
        ledger.pass_time(timedelta(minutes=1))


def test_a_message_is_given_up_after_five_days(ledger: LedgerFixture) -> None:
    """A message deferred for five days has failed, and the reason says so."""
    book = ledger.run()
    (key,) = planned(book)
    sent(book, key, DEFERRED)
    ledger.pass_time(GIVEN_UP_AFTER)
    delivery = sent(book, key, DEFERRED)
    assert (delivery.status, delivery.reply) == (
        DeliveryStatus.FAILED,
        "given up after 5 days: 451 4.7.1 come back later",
    )


def test_a_refusal_of_the_run_is_no_attempt(ledger: LedgerFixture) -> None:
    """If the server refuses the login, it has not seen the message, which stays planned and is never given up."""
    book = ledger.run()
    (key,) = planned(book)
    for _ in range(3):
        sent(book, key, REFUSED)
        ledger.pass_time(GIVEN_UP_AFTER)
    (record,) = ledger.records()
    assert (record.state, record.attempts, record.was_tried) == (DeliveryStatus.PLANNED, 0, False)


def test_a_test_is_another_message(ledger: LedgerFixture) -> None:
    """A test send to an operator does not replace the recipient's own email."""
    book = ledger.run()
    key = key_of(CEO)
    test = replace(key, purpose=Purpose.TEST, revision=book.next_test())
    book.plan([test], "Acme Roofing")
    claimed(book, test)
    assert book.next_test() == test.revision + 1
    claimed(ledger.run(), planned(book)[0])
    assert [(record.purpose, record.state) for record in ledger.records()] == [
        (Purpose.TEST, DeliveryStatus.CLAIMED),
        (Purpose.REPORT, DeliveryStatus.CLAIMED),
    ]
    assert len(book.window_state(key.organization_id, key.period, key.label).records) == 1


def test_a_revision_takes_the_place_of_what_was_not_sent(ledger: LedgerFixture) -> None:
    """An unsent first revision is replaced by the second; what was sent, or may have been, stays as it is."""
    book = ledger.run()
    readers = ["accepted@a.example", "deferred@a.example", "unknown@a.example", "planned@a.example", CEO]
    accepted, deferred, unknown, *_ = planned(book, *readers)
    for key, outcome in ((accepted, ACCEPTED), (deferred, DEFERRED), (unknown, UNKNOWN)):
        sent(book, key, outcome)
    book.revise([key_of(CEO, 2)], "Acme Roofing", "late answers")
    found = {(record.recipient, record.revision): record for record in ledger.records()}
    assert {reader: found[reader, 1].state for reader in readers} == {
        readers[0]: DeliveryStatus.ACCEPTED,
        readers[1]: DeliveryStatus.FAILED,
        readers[2]: DeliveryStatus.UNKNOWN,
        readers[3]: DeliveryStatus.FAILED,
        CEO: DeliveryStatus.FAILED,
    }
    assert {reader for reader, revision in found if revision == 2} == {readers[1], readers[3], CEO}
    assert found[CEO, 1].reply == "replaced by revision 2"
    assert {record.reason for (_, revision), record in found.items() if revision == 2} == {"late answers"}
    assert refused(book, key_of(CEO, 1)) is DeliveryStatus.FAILED
    standing = book.window_state("org-1", "month", "2026-04")
    assert (standing.revision, standing.reason) == (2, "late answers")


def test_the_runs_that_hold_a_message_are_known(ledger: LedgerFixture) -> None:
    """The runs that hold messages are known, so that a dead run's lock is kept while it is needed."""
    book, idle = ledger.run(), ledger.run()
    first, second = planned(book, CEO, CFO)
    sent(idle, second, ACCEPTED)
    assert book.holders() == set()
    claimed(book, first)
    assert idle.holders() == {book.run}
