"""Queries of the ledger: which messages exist, the history of each, and which need a person's decision."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reporter.delivery.channel import DeliveryStatus, Purpose
from reporter.domain.errors import UsageError
from reporter.ledger.ledger import Ledger
from reporter.ledger.message_history import HistoryFilter, find, message_history
from tests.unit.delivery.mails import key_of
from tests.unit.ledger.ledgers import ACCEPTED, CEO, CFO, FAILED, UNKNOWN, LedgerFixture, planned, sent


@pytest.fixture
def book(ledger: LedgerFixture) -> Ledger:
    """A ledger in which one email was accepted and another failed later."""
    book = ledger.run()
    first, second = planned(book, CEO, CFO)
    sent(book, first, ACCEPTED)
    sent(book, second, FAILED)
    return book


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (HistoryFilter(), [CFO, CEO]),
        (HistoryFilter(organization="org-1"), [CFO, CEO]),
        (HistoryFilter(organization="ACME roofing"), [CFO, CEO]),
        (HistoryFilter(organization="Acme"), []),
        (HistoryFilter(period="month", label="2026-04"), [CFO, CEO]),
        (HistoryFilter(period="week"), []),
        (HistoryFilter(recipient=CEO), [CEO]),
        (HistoryFilter(state=DeliveryStatus.FAILED), [CFO]),
        (HistoryFilter(state=DeliveryStatus.FAILED, recipient=CEO), []),
        (HistoryFilter(since=datetime(2020, 1, 1, tzinfo=UTC)), [CFO, CEO]),
        (HistoryFilter(since=datetime.now(UTC) + timedelta(days=2)), []),
    ],
)
def test_each_filter_narrows(wanted: HistoryFilter, found: list[str], ledger: LedgerFixture, book: Ledger) -> None:
    """Matching messages are listed, the last changed first, with their total number."""
    records, total = find(ledger.database, wanted)
    assert ([record.recipient for record in records], total) == (found, len(found))


def test_a_limit_keeps_the_latest(ledger: LedgerFixture, book: Ledger) -> None:
    """With a limit, the last changed messages are listed, with the total number."""
    records, total = find(ledger.database, HistoryFilter(), limit=1)
    assert ([record.recipient for record in records], total) == ([CFO], 2)


def test_a_message_tells_its_story(ledger: LedgerFixture, book: Ledger) -> None:
    """A message's states are in order; an unknown number is an error that says so."""
    record, events = message_history(ledger.database, 2)
    assert (record.recipient, [event.state for event in events]) == (CFO, ledger.states(2))
    assert events[-1].as_json() == {
        "at": events[-1].at.isoformat(),
        "run": book.run,
        "state": "failed",
        "note": FAILED.reply,
    }
    with pytest.raises(UsageError, match="no delivery 99"):
        message_history(ledger.database, 99)


def test_what_needs_a_person(ledger: LedgerFixture, book: Ledger) -> None:
    """Each unknown outcome is listed, unless a later revision for the same recipient replaced the message."""
    for key in (key_of("doubt@a.example"), key_of("replaced@a.example")):
        book.plan([key], "Acme Roofing")
        sent(book, key, UNKNOWN)
    book.revise([key_of("replaced@a.example", 2)], "Acme Roofing", "late answers")
    test = replace(key_of(CEO), purpose=Purpose.TEST)
    book.plan([test], "Acme Roofing")
    sent(book, test, UNKNOWN)
    assert [record.recipient for record in ledger.unresolved()] == ["doubt@a.example"]
