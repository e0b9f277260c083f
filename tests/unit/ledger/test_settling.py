"""Settling by a person: what it may change, what it changes, and when it is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reporter.delivery.channel import DeliveryStatus, Purpose, SendResult
from reporter.domain.errors import UsageError
from reporter.ledger.ledger import GIVEN_UP_AFTER, Ledger
from reporter.ledger.resolution import confirm, send_again
from tests.unit.delivery.mails import key_of
from tests.unit.ledger.ledgers import (
    ACCEPTED,
    CEO,
    CFO,
    DEFERRED,
    FAILED,
    UNKNOWN,
    LedgerFixture,
    claimed,
    planned,
    refused,
    sent,
)


@pytest.fixture
def book(ledger: LedgerFixture) -> Ledger:
    """The ledger of a run without any messages."""
    return ledger.run()


def test_what_a_reader_has_is_accepted(book: Ledger, ledger: LedgerFixture) -> None:
    """`--sent` settles an unknown outcome permanently, with the person's reason in the record and in its history."""
    (key,) = planned(book)
    sent(book, key, UNKNOWN)
    (record,) = confirm(ledger.run(), [1], "the reader answered it")
    assert (record.state, record.reply) == (
        DeliveryStatus.ACCEPTED,
        "delivered, as an operator confirmed: the reader answered it",
    )
    assert ledger.events()[-1].note == record.reply
    assert refused(book, key) is DeliveryStatus.ACCEPTED
    assert ledger.unresolved() == ()


@pytest.mark.parametrize("outcome", [UNKNOWN, FAILED])
def test_what_a_reader_has_not_is_sent_again(outcome: SendResult, book: Ledger, ledger: LedgerFixture) -> None:
    """`--resend` plans the same message again, as tried before, so that the next run sends it from the archive."""
    (key,) = planned(book)
    claim = claimed(book, key)
    book.commit(claim)
    book.settle(claim, outcome)
    before = ledger.records()[0]
    (record,) = send_again(ledger.run(), [1])
    assert (record.state, record.was_tried) == (DeliveryStatus.PLANNED, True)
    assert (record.message_id, record.file, record.sha256) == (before.message_id, before.file, before.sha256)
    book.settle(claim, ACCEPTED)
    assert ledger.records()[0].state is DeliveryStatus.PLANNED
    assert claimed(ledger.run(), key).token > claim.token + 1


def test_what_is_sent_again_has_its_time_anew(book: Ledger, ledger: LedgerFixture) -> None:
    """A message settled weeks later is deferred like a new one, not given up at its first deferral."""
    (key,) = planned(book)
    sent(book, key, FAILED)
    ledger.pass_time(3 * GIVEN_UP_AFTER)
    send_again(book, [1])
    assert sent(book, key, DEFERRED).status is DeliveryStatus.DEFERRED


@pytest.mark.parametrize(
    ("outcome", "why"),
    [(None, "is planned"), (ACCEPTED, "is accepted"), (DEFERRED, "is deferred"), (FAILED, "is failed")],
)
def test_what_is_known_is_not_settled(
    outcome: SendResult | None, why: str, book: Ledger, ledger: LedgerFixture
) -> None:
    """Any state but unknown is refused by name; only a failed message may be resent."""
    (key,) = planned(book)
    if outcome:
        sent(book, key, outcome)
    before = ledger.records()
    for settle in (confirm, send_again):
        if settle is send_again and outcome is FAILED:
            continue
        with pytest.raises(UsageError, match=f"Delivery 1 {why}, so there is nothing to resolve: "):
            settle(book, [1])
    assert ledger.records() == before


def test_what_a_run_is_sending_is_not_settled(book: Ledger, ledger: LedgerFixture) -> None:
    """A message that a run is sending cannot be settled."""
    claim = claimed(book, planned(book)[0])
    with pytest.raises(UsageError, match="is claimed"):
        send_again(ledger.run(), [1])
    book.commit(claim)
    with pytest.raises(UsageError, match="is sending"):
        confirm(ledger.run(), [1])


def test_all_are_settled_or_none(book: Ledger, ledger: LedgerFixture) -> None:
    """One wrong number changes nothing, and every wrong number is reported."""
    first, second = planned(book, CEO, CFO)
    sent(book, first, UNKNOWN)
    sent(book, second, ACCEPTED)
    with pytest.raises(UsageError, match=r"no delivery 99.*Delivery 2 is accepted"):
        confirm(book, [1, 99, 2])
    assert ledger.records()[0].state is DeliveryStatus.UNKNOWN


def test_a_test_is_not_settled(book: Ledger) -> None:
    """A test send to an operator is no recipient's email, and no run sends it again."""
    book.plan([replace(key_of(CEO), purpose=Purpose.TEST)], "Acme Roofing")
    with pytest.raises(UsageError, match="Delivery 1 is a test"):
        send_again(book, [1])


def test_an_earlier_revision_is_not_sent_again(book: Ledger, ledger: LedgerFixture) -> None:
    """The recipient receives the latest revision instead; a run would never send the earlier one."""
    first, other = planned(book, CEO, CFO)
    sent(book, first, UNKNOWN)
    sent(book, other, ACCEPTED)
    book.revise([key_of(CFO, 2)], "Acme Roofing", "late answers")
    ledger.pass_time(timedelta(minutes=1))
    (record,) = send_again(book, [1])
    assert (record.state, record.reply) == (DeliveryStatus.FAILED, "replaced by revision 2")
    latest = ledger.records()[-1]
    assert (latest.recipient, latest.revision, latest.state, latest.reason) == (
        CEO,
        2,
        DeliveryStatus.PLANNED,
        "late answers",
    )
    assert ledger.unresolved() == ()
