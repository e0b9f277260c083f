"""A ledger for tests, in a file or on a server, which any number of runs can open, and whose time can be advanced."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import URL, select, update

from reporter.delivery.channel import Claim, Delivery, DeliveryKey, DeliveryStatus, SendResult
from reporter.ledger.database import Database
from reporter.ledger.database_schema import DELIVERIES
from reporter.ledger.ledger import Ledger
from reporter.ledger.message_history import StateChange, message_history, unresolved
from reporter.ledger.record import MessageRecord, records
from tests.unit.delivery.mails import key_of

CEO, CFO = "ceo@acme.example", "cfo@acme.example"
ACCEPTED = SendResult(DeliveryStatus.ACCEPTED, "250 2.0.0 Ok")
DEFERRED = SendResult(DeliveryStatus.DEFERRED, "451 4.7.1 come back later")
FAILED = SendResult(DeliveryStatus.FAILED, "550 5.1.1 no such mailbox")
UNKNOWN = SendResult(DeliveryStatus.UNKNOWN, "the server hung up after the whole message")
REFUSED = SendResult(DeliveryStatus.FAILED, "535 5.7.8 no such login", attempted=False)


@dataclass
class LedgerFixture:
    """The ledger at `url`. A run in `dead` has ended for certain, as its lock would show."""

    url: URL
    database: Database
    dead: set[str] = field(default_factory=set)
    _runs: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self) -> Ledger:
        """The ledger as a new run uses it."""
        return Ledger(self.database, f"run-{next(self._runs)}", self.dead.__contains__)

    def pass_time(self, delta: timedelta) -> None:
        """Move every time in the rows into the past by this much, so that it works with any clock."""
        moments = ("lease_until", "next_try", "planned_at", "changed_at")
        with self.database.transaction() as at:
            for row in at.run(select(DELIVERIES)).mappings().all():
                earlier = {name: row[name] - delta for name in moments if row[name]}
                at.run(update(DELIVERIES).where(DELIVERIES.c.id == row["id"]).values(**earlier))

    def records(self) -> list[MessageRecord]:
        """Every row, in planning order."""
        with self.database.transaction() as at:
            return list(records(at))

    def unresolved(self) -> Sequence[MessageRecord]:
        """The emails whose delivery is uncertain."""
        with self.database.transaction() as at:
            return unresolved(at)

    def events(self, delivery: int = 1) -> Sequence[StateChange]:
        """All state changes of a message."""
        return message_history(self.database, delivery)[1]

    def states(self, delivery: int = 1) -> list[DeliveryStatus]:
        """The states of a message, in order."""
        return [event.state for event in self.events(delivery)]


@contextmanager
def ledger_at(url: URL, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[LedgerFixture]:
    """The ledger at this address, closed when the block ends."""
    database = Database(url, clock)
    try:
        yield LedgerFixture(url, database)
    finally:
        database.close()


def planned(book: Ledger, *recipients: str, revision: int = 1) -> list[DeliveryKey]:
    """The keys of April's emails to these recipients, planned."""
    keys = [key_of(recipient, revision) for recipient in recipients or (CEO,)]
    book.plan(keys, "Acme Roofing")
    return keys


def asked(book: Ledger, key: DeliveryKey) -> Claim | Delivery:
    """Claim a message for a run, with the arguments that every attempt shares."""
    return book.claim(key, f"<{key.recipient}-{key.revision}@example.com>", "email.eml", "0" * 64)


def claimed(book: Ledger, key: DeliveryKey) -> Claim:
    """The claim on a message, which must be granted."""
    claim = asked(book, key)
    assert isinstance(claim, Claim), claim
    return claim


def refused(book: Ledger, key: DeliveryKey) -> DeliveryStatus:
    """The delivery of a message that may not be sent now."""
    delivery = asked(book, key)
    assert isinstance(delivery, Delivery), delivery
    return delivery.status


def sent(book: Ledger, key: DeliveryKey, outcome: SendResult) -> Delivery:
    """Send a message, with this outcome."""
    claim = claimed(book, key)
    if outcome.attempted:
        book.commit(claim)
    return book.settle(claim, outcome)
