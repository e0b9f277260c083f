"""One message in the ledger, and the delivery state of one window's report, as the rest of the program uses them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, select

from reporter.archive.edition import is_mail_file
from reporter.delivery.channel import Delivery, DeliveryKey, DeliveryStatus, Purpose
from reporter.domain.errors import LedgerError
from reporter.domain.snapshot import title
from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES

_BUSY = "another run is sending this message at this moment: run again later"
_RECEIVED = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN, DeliveryStatus.SENDING}


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
    state: DeliveryStatus
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
        return DeliveryKey(self.organization_id, self.period, self.label, self.recipient, self.revision, self.purpose)

    @property
    def was_tried(self) -> bool:
        """Whether a server may have seen exactly these bytes: a retry sends the same ones."""
        return self.state is not DeliveryStatus.PLANNED or self.attempts > 0

    @property
    def delivery(self) -> Delivery:
        """The delivery, as reported by a run that may not send it."""
        return Delivery(
            self.recipient, self.message_id or "", self.file or "", self.state, self._explained_reply, self.state
        )

    @property
    def title(self) -> str:
        """The email's title on one line, to show to people."""
        revision = f", revision {self.revision}" if self.revision > 1 else ""
        return f"{title(self.organization)}, {self.period} {self.label}{revision}: {self.recipient}"

    def as_json(self) -> dict[str, Any]:
        """The record for JSON output; times are in ISO 8601 with their offset."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}

    @property
    def _explained_reply(self) -> str:
        if self.state.is_held:
            return _BUSY
        if self.state is DeliveryStatus.DEFERRED and self.next_try:
            return f"{self.reply} (not retried before {self.next_try:%Y-%m-%d %H:%M} UTC)"
        if self.state is DeliveryStatus.FAILED:
            return f"{self.reply} (fix the address, or `hyperrep-report resolve {self.id} --resend`)"
        return self.reply


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
        return next((record.reason for record in self._current), None)

    @property
    def is_out(self) -> bool:
        """Whether a server may have seen an email of the latest revision: the other recipients get the same bytes."""
        return any(record.was_tried for record in self._current)

    @property
    def anyone_has_it(self) -> bool:
        """Whether a recipient has, or may have, an email of any revision."""
        return any(record.state in _RECEIVED for record in self.records)

    @cached_property
    def latest(self) -> dict[str, MessageRecord]:
        """The record of each recipient's latest revision, in the order in which recipients were planned."""
        ordered = sorted(self.records, key=lambda record: record.revision)
        return {record.recipient: record for record in ordered}

    def files(self) -> dict[str, str]:
        """The file of each recipient's email of the latest revision, where there is one."""
        return {record.recipient: record.file for record in self._current if record.file}

    def settled(self, recipients: Collection[str]) -> Sequence[MessageRecord]:
        """The records of the recipients to whom nothing is sent now: accepted, unknown, failed, or not yet due."""
        return tuple(
            record for recipient in recipients if (record := self.latest.get(recipient)) and not self._is_free(record)
        )

    def spooled(self, recipient: str) -> MessageRecord | None:
        """The record of an email that was tried, and that is sent again from the archive unchanged."""
        record = self.latest.get(recipient)
        return record if record and record.was_tried and record.revision == self.revision else None

    @property
    def _current(self) -> Iterable[MessageRecord]:
        revision = self.revision
        return (record for record in self.records if record.revision == revision)

    def _is_free(self, record: MessageRecord) -> bool:
        """Whether the message can be sent now; whether a claim has expired is checked when it is claimed."""
        if record.state is DeliveryStatus.DEFERRED:
            return record.next_try is None or record.next_try <= self.now
        return record.state in {DeliveryStatus.PLANNED, DeliveryStatus.CLAIMED}


def records(at: Transaction, *conditions: ColumnElement[bool]) -> Sequence[MessageRecord]:
    """The messages that meet the conditions, in the order in which they were planned."""
    return tuple(map(record, at.run(select(DELIVERIES).where(*conditions).order_by(DELIVERIES.c.id)).mappings()))


def record(row: Mapping[Any, Any]) -> MessageRecord:
    """The record of a row of `deliveries`. Raises LedgerError if its file name is not one of ours."""
    values = {field.name: row[field.name] for field in fields(MessageRecord)}
    if values["file"] is not None and not is_mail_file(values["file"]):
        raise LedgerError(
            f"The ledger names {values['file']!a} as the file of delivery {values['id']}, which is no email's name: "
            "the ledger was changed by another program. Restore a copy of it."
        )
    return MessageRecord(**{**values, "purpose": Purpose(values["purpose"]), "state": DeliveryStatus(values["state"])})
