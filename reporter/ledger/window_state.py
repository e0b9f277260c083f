"""What the readers of one window's report have, and who is still to get it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from reporter.ledger.record import MessageRecord, latest
from reporter.ledger.state import MessageState

_HAVE_IT = {MessageState.ACCEPTED, MessageState.UNKNOWN, MessageState.COMMITTING}


@dataclass(frozen=True)
class WindowState:
    """Every message of one window, of every revision, as the ledger has them at `now`."""

    records: Sequence[MessageRecord]
    now: datetime

    @property
    def revision(self) -> int:
        """The revision that is to be sent or was; 1 before the first."""
        return max((record.revision for record in self.records), default=1)

    @property
    def reason(self) -> str | None:
        """Why there is a revision above 1, in an operator's words."""
        return next((record.reason for record in self.records if record.revision == self.revision), None)

    @property
    def is_out(self) -> bool:
        """Whether a server has seen, or may have seen, a mail of the latest revision: the others get the same bytes."""
        return any(record.was_tried for record in self.records if record.revision == self.revision)

    @property
    def anyone_has_it(self) -> bool:
        """Whether a reader has, or may have, a mail of any revision."""
        return any(record.state in _HAVE_IT for record in self.records)

    @cached_property
    def latest(self) -> dict[str, MessageRecord]:
        """For each recipient the record of the latest revision that is for them."""
        return {record.recipient: record for record in latest(self.records)}

    def files(self) -> dict[str, str]:
        """The file of each recipient's mail of the latest revision, as far as it has one."""
        current = (record for record in self.records if record.revision == self.revision)
        return {record.recipient: record.file for record in current if record.file}

    def settled(self, recipients: Collection[str]) -> Sequence[MessageRecord]:
        """The records of these recipients to whom nothing is to be sent now: sent, in doubt, failed, or not yet due."""
        return tuple(
            record for recipient in recipients if (record := self.latest.get(recipient)) and not self._is_free(record)
        )

    def spooled(self, recipient: str) -> MessageRecord | None:
        """The record of a mail that was tried and is to be sent again as it lies in the archive."""
        record = self.latest.get(recipient)
        return record if record and record.was_tried and record.revision == self.revision else None

    def _is_free(self, record: MessageRecord) -> bool:
        if record.state is MessageState.DEFERRED:
            return record.next_try is None or record.next_try <= self.now
        return record.state in {
            MessageState.PLANNED,
            MessageState.CLAIMED,
        }  # who has a claim is asked when it is claimed
