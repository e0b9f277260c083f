"""One delivery in the ledger, as the rest of the program uses it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from reporter.archive.edition import is_mail_file
from reporter.delivery.channel import Delivery, DeliveryKey, DeliveryStatus
from reporter.domain.errors import LedgerError
from reporter.domain.snapshot import title
from reporter.ledger.state import MessageState, Purpose

_STATUS = {
    MessageState.PLANNED: DeliveryStatus.PLANNED,
    MessageState.CLAIMED: DeliveryStatus.DEFERRED,
    MessageState.COMMITTING: DeliveryStatus.DEFERRED,
    MessageState.ACCEPTED: DeliveryStatus.ACCEPTED,
    MessageState.DEFERRED: DeliveryStatus.DEFERRED,
    MessageState.FAILED: DeliveryStatus.FAILED,
    MessageState.UNKNOWN: DeliveryStatus.UNKNOWN,
}
_BUSY = "another run is sending this message at this moment: run again later"


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """What is known of one message; times are in UTC, `file` is a name in the edition's folder."""

    id: int
    purpose: Purpose
    organization_id: str
    organization: str
    period: str
    label: str
    recipient: str
    revision: int
    reason: str | None
    state: MessageState
    attempts: int
    next_try: datetime | None
    message_id: str | None
    file: str | None
    sha256: str | None
    reply: str
    planned_at: datetime
    changed_at: datetime

    @property
    def key(self) -> DeliveryKey:
        """The message's key."""
        return DeliveryKey(self.organization_id, self.period, self.label, self.recipient, self.revision)

    @property
    def was_tried(self) -> bool:
        """Whether a server may have seen exactly these bytes: a retry sends the same ones."""
        return self.state is not MessageState.PLANNED or self.attempts > 0

    @property
    def delivery(self) -> Delivery:
        """The delivery, as reported by a run that may not send it."""
        return Delivery(self.recipient, self.message_id or "", self.file or "", _STATUS[self.state], self._told)

    @property
    def title(self) -> str:
        """The email's title on one line, to show to people."""
        revision = f", revision {self.revision}" if self.revision > 1 else ""
        return f"{title(self.organization)}, {self.period} {self.label}{revision}: {self.recipient}"

    def as_json(self) -> dict[str, Any]:
        """The record for JSON output; times are in ISO 8601 with their offset."""
        values = {name: getattr(self, name) for name in MessageRecord.__slots__}
        return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}

    @property
    def _told(self) -> str:
        if self.state in {MessageState.CLAIMED, MessageState.COMMITTING}:
            return _BUSY
        if self.state is MessageState.DEFERRED and self.next_try:
            return f"{self.reply} (not tried again before {self.next_try:%Y-%m-%d %H:%M} UTC)"
        if self.state is MessageState.FAILED:
            return f"{self.reply} (mend the address, or `hyperrep-report resolve {self.id} --resend`)"
        return self.reply


def record(row: Row[Any]) -> MessageRecord:
    """The record of a row of `deliveries`. Raises LedgerError if its file name is not one of ours."""
    values = {name: row._mapping[name] for name in MessageRecord.__slots__}  # noqa: SLF001 - the library's public name
    if values["file"] is not None and not is_mail_file(values["file"]):
        raise LedgerError(
            f"The ledger says that mail {values['id']} lies in {values['file']!a}, which is no mail's name: "
            "other hands have changed it. Put back a copy of the ledger."
        )
    return MessageRecord(**{**values, "purpose": Purpose(values["purpose"]), "state": MessageState(values["state"])})


def latest(records: Iterable[MessageRecord]) -> Sequence[MessageRecord]:
    """The record of the latest revision for each recipient, in the order in which recipients were planned."""
    newest: dict[str, MessageRecord] = {}
    for each in sorted(records, key=lambda each: each.revision):
        newest[each.recipient] = each
    return tuple(newest.values())
