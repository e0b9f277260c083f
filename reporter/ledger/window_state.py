"""The delivery state of one window's report: which recipients have it, and who still has to receive it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from reporter.ledger.record import MessageRecord, latest
from reporter.ledger.state import MessageState

_HAVE_IT = {MessageState.ACCEPTED, MessageState.UNKNOWN, MessageState.COMMITTING}


@dataclass(frozen=True)
class WindowState:
    """Every message of one window, in every revision, as recorded in the ledger at `now`."""

    records: Sequence[MessageRecord]
    now: datetime

    @property
    def revision(self) -> int:
        """The latest revision; 1 if there is none yet."""
        return max((record.revision for record in self.records), default=1)

    @property
    def reason(self) -> str | None:
        """The operator's reason for a revision above 1."""
        return next((record.reason for record in self.records if record.revision == self.revision), None)

    @property
    def is_out(self) -> bool:
        """Whether a server may have seen an email of the latest revision: the other recipients get the same bytes."""
        return any(record.was_tried for record in self.records if record.revision == self.revision)

    @property
    def anyone_has_it(self) -> bool:
        """Whether a recipient has, or may have, an email of any revision."""
        return any(record.state in _HAVE_IT for record in self.records)

    @cached_property
    def latest(self) -> dict[str, MessageRecord]:
        """The record of each recipient's latest revision."""
        return {record.recipient: record for record in latest(self.records)}

    def files(self) -> dict[str, str]:
        """The file of each recipient's email of the latest revision, where there is one."""
        current = (record for record in self.records if record.revision == self.revision)
        return {record.recipient: record.file for record in current if record.file}

    def settled(self, recipients: Collection[str]) -> Sequence[MessageRecord]:
        """The records of the recipients to whom nothing is sent now: accepted, unknown, failed, or not yet due."""
        return tuple(
            record for recipient in recipients if (record := self.latest.get(recipient)) and not self._is_free(record)
        )

    def spooled(self, recipient: str) -> MessageRecord | None:
        """The record of an email that was tried, and that is sent again from the archive unchanged."""
        record = self.latest.get(recipient)
        return record if record and record.was_tried and record.revision == self.revision else None

    def _is_free(self, record: MessageRecord) -> bool:
        if record.state is MessageState.DEFERRED:
            return record.next_try is None or record.next_try <= self.now
        return record.state in {
            MessageState.PLANNED,
            MessageState.CLAIMED,
        }  # whether a claim has expired is checked when it is claimed
