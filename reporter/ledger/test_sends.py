"""The ledger as a test of the way sees it: its messages are told apart from every report to a reader."""

from dataclasses import dataclass

from sqlalchemy import func, select

from reporter.delivery.channel import Claim, Delivery, DeliveryKey, SendResult
from reporter.ledger.database_schema import DELIVERIES
from reporter.ledger.ledger import Ledger
from reporter.ledger.state import Purpose


@dataclass(frozen=True, slots=True)
class TestSendLedger:
    """What `deliver` asks of a ledger, for tests alone. Everything raises LedgerError, as the book does."""

    book: Ledger

    def next_number(self) -> int:
        """The number of the next test: each is a message of its own, however often the same report is tried."""
        with self.book.database.transaction() as at:
            tests = select(func.max(DELIVERIES.c.revision)).where(DELIVERIES.c.purpose == Purpose.TEST)
            return int(at.run(tests).scalar() or 0) + 1

    def plan(self, key: DeliveryKey, organization: str) -> None:
        """Note that this test is to be sent."""
        self.book.plan([key], organization, purpose=Purpose.TEST)

    def claim(self, key: DeliveryKey, message_id: str, file: str, sha256: str) -> Claim | Delivery:
        """The right to send the test; else what is known of it."""
        return self.book.claim(key, message_id, file, sha256, Purpose.TEST)

    def commit(self, claim: Claim) -> None:
        """Note that the final dot is next."""
        self.book.commit(claim)

    def settle(self, claim: Claim, sent: SendResult) -> Delivery:
        """Note what became of it."""
        return self.book.settle(claim, sent)
