"""The ledger of test sends, which are kept apart from all reports to recipients."""

from dataclasses import dataclass

from sqlalchemy import func, select

from reporter.delivery.channel import Claim, Delivery, DeliveryKey, SendResult
from reporter.ledger.database_schema import DELIVERIES
from reporter.ledger.ledger import Ledger
from reporter.ledger.state import Purpose


@dataclass(frozen=True, slots=True)
class TestSendLedger:
    """The ledger that `deliver` uses for test sends. Everything raises LedgerError, as in `Ledger`."""

    book: Ledger

    def next_number(self) -> int:
        """The number of the next test send: each is a separate message, however often the same report is tested."""
        with self.book.database.transaction() as at:
            tests = select(func.max(DELIVERIES.c.revision)).where(DELIVERIES.c.purpose == Purpose.TEST)
            return int(at.run(tests).scalar() or 0) + 1

    def plan(self, key: DeliveryKey, organization: str) -> None:
        """Record that this test message is to be sent."""
        self.book.plan([key], organization, purpose=Purpose.TEST)

    def claim(self, key: DeliveryKey, message_id: str, file: str, sha256: str) -> Claim | Delivery:
        """Claim the test message; return the claim, or what is known of the message if it is not available."""
        return self.book.claim(key, message_id, file, sha256, Purpose.TEST)

    def commit(self, claim: Claim) -> None:
        """Record that the final dot is next."""
        self.book.commit(claim)

    def settle(self, claim: Claim, sent: SendResult) -> Delivery:
        """Record the result of sending."""
        return self.book.settle(claim, sent)
