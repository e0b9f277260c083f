"""The ledger of a single edition: `receipt.json` beside the mails it tells of.

    {"schema": 1, "revision": 1, "reason": null,
     "deliveries": [
      {"organization_id": "…", "period": "month", "label": "2026-04", "recipient": "ceo@acme.example", "revision": 1,
       "message_id": "<…@example.com>", "file": "email.eml", "status": "accepted", "reply": "250 2.0.0 Ok: queued"}]}

`reason` is an operator's for a revision above 1. A delivery's first five say which message it is. `status` is one of

    claimed      a run has it and nothing can have been delivered: if that run died, the next one sends it
    committing   the point of no return: if that run died, nobody knows, and the next one calls it unknown
    accepted, outbox, deferred, failed, unknown      what became of it, with the server's `reply` or the reason

Whoever claims a message holds the file's lock until it is settled. The kernel frees the lock of a process that dies,
so what is found `claimed` or `committing` under the lock is nobody's any more.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from reporter.archive.files import explained, json_bytes, make_folder, read, write
from reporter.delivery.interface import Delivery, DeliveryKey, DeliveryStatus, Sent
from reporter.errors import ArchiveError

_DIED = "the run that sent it ended before the server's answer was noted: ask the reader, or the server's log"
_BUSY = "another run is sending this edition's mails at this moment: run again later"
_SENT_ONCE = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN}
_MAY_BE_SENT = {DeliveryStatus.OUTBOX, DeliveryStatus.DEFERRED, DeliveryStatus.FAILED}


class _Pending(StrEnum):
    """What a message is while a run has it."""

    CLAIMED = "claimed"
    COMMITTING = "committing"


@dataclass(frozen=True, slots=True)
class _Record:
    organization_id: str
    period: str
    label: str
    recipient: str
    revision: int
    message_id: str
    file: str
    status: _Pending | DeliveryStatus
    reply: str = ""

    @property
    def key(self) -> DeliveryKey:
        return DeliveryKey(self.organization_id, self.period, self.label, self.recipient, self.revision)

    def settled(self, sent: Sent) -> Delivery:
        return Delivery(self.recipient, self.message_id, self.file, sent.status, sent.reply)


@dataclass(frozen=True, slots=True)
class _Receipt:
    schema: Literal[1] = 1
    revision: int = 1
    reason: str | None = None
    deliveries: tuple[_Record, ...] = field(default=())


_RECEIPT = TypeAdapter(_Receipt)


class ReceiptLedger:
    """Remembers the messages of the edition whose receipt lies at `path`.

    `lock` is its lock's file, beside the receipt unless named; `patience` is how many seconds to wait for another run
    that is sending. One ledger serves one thread.
    """

    def __init__(self, path: Path, *, lock: Path | None = None, patience: float = 900.0) -> None:
        self._path = path
        self._lock_path = lock or path.with_name(f".{path.name}.lock")
        self._lock = FileLock(self._lock_path, timeout=patience, mode=0o644)
        self._ours: dict[DeliveryKey, _Record] = {}

    @property
    def revision(self) -> int:
        """The edition's revision that the receipt tells of; 1 before the first mail."""
        return self._receipt().revision

    def revised(self, reason: str, recipients: Iterable[str]) -> bytes:
        """The receipt of the next revision before its first mail to `recipients`.

        It stands beside the mails from the moment they do, so a run that dies in between leaves no doubt about which
        revision the next one sends. Readers whom the revision is not for have what they had: nobody sends it to them.
        """
        before, readers = self._receipt(), set(recipients)
        others = tuple(
            replace(record, file=f"revision-{before.revision}/{record.file.rpartition('/')[2]}")
            for record in before.deliveries
            if record.recipient not in readers and record.status not in _MAY_BE_SENT
        )
        return _written(_Receipt(revision=before.revision + 1, reason=reason, deliveries=others))

    def sent(self) -> tuple[Delivery, ...]:
        """The messages of this revision that a run may leave alone: accepted, unknown, or in another run's hands.

        The last are `deferred`. Raises ArchiveError when the receipt is damaged.
        """
        if not self._path.exists():
            return ()
        with ExitStack() as stack:
            is_free = self._locked(patience=0)
            if is_free:
                stack.callback(self._lock.release)
            found = [_as_found(record, is_free=is_free) for record in self._receipt().deliveries]
        return tuple(delivery for delivery in found if delivery)

    def files(self) -> dict[str, str]:
        """The file of each recipient's message, sent or not."""
        return {record.recipient: record.file for record in self._receipt().deliveries}

    def claim(self, key: DeliveryKey, message_id: str, file: str) -> Delivery | None:
        """None when the message is ours to send now; else what is known of it, or `deferred` while another run sends.

        Raises ArchiveError when the receipt is damaged or cannot be written: then nothing may be sent.
        """
        ours = _Record(**asdict(key), message_id=message_id, file=file, status=_Pending.CLAIMED)
        with ExitStack() as stack:
            if not self._locked():
                return ours.settled(Sent(DeliveryStatus.DEFERRED, _BUSY))
            stack.callback(self._lock.release)
            if known := self._sent_once(key):
                return known
            self._note(ours)
            self._ours[key] = ours
            stack.pop_all()  # the lock is held until the message is settled
        return None

    def commit(self, key: DeliveryKey) -> None:
        """Note the point of no return; raises ArchiveError, and then gives the claim back."""
        try:
            self._note(replace(self._ours[key], status=_Pending.COMMITTING))
        except BaseException:
            self._lock.release()
            raise

    def settle(self, key: DeliveryKey, sent: Sent) -> Delivery:
        """Note what became of the message; raises ArchiveError, and then the next run calls it unknown."""
        ours = self._ours.pop(key)
        try:
            self._note(replace(ours, status=sent.status, reply=sent.reply))
        finally:
            self._lock.release()
        return ours.settled(sent)

    def _locked(self, patience: float | None = None) -> bool:
        with explained(self._lock_path, "locked"):
            make_folder(self._path.parent)
            try:
                self._lock.acquire(timeout=patience)
            except Timeout:
                return False
            return True

    def _sent_once(self, key: DeliveryKey) -> Delivery | None:
        """What is known of a message that was accepted, or may have been; None for one that may be sent."""
        record = self._records().get(key)
        if record is None:
            return None
        if record.status is _Pending.COMMITTING:
            record = replace(record, status=DeliveryStatus.UNKNOWN, reply=_DIED)
            self._note(record)
        return _as_found(record, is_free=True)

    def _records(self) -> dict[DeliveryKey, _Record]:
        return {record.key: record for record in self._receipt().deliveries}

    def _receipt(self) -> _Receipt:
        if not self._path.exists():
            return _Receipt()
        try:
            return _RECEIPT.validate_json(read(self._path.parent, self._path))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            sentence = (
                f"{self._path} is damaged ({place}: {first['msg']}), so nobody knows which mails of this edition were "
                "sent, and none is: put back a copy of it, or remove it to send them all"
            )
            raise ArchiveError(sentence) from error

    def _note(self, record: _Record) -> None:
        receipt = self._receipt()
        records = {known.key: known for known in receipt.deliveries} | {record.key: record}
        write(self._path.parent, self._path, _written(replace(receipt, deliveries=tuple(records.values()))))


def _as_found(record: _Record, *, is_free: bool) -> Delivery | None:
    """What a message's record means to a run that has no claim to it; None when the message is free to be sent."""
    if isinstance(record.status, DeliveryStatus):
        return record.settled(Sent(record.status, record.reply)) if record.status in _SENT_ONCE else None
    if not is_free:
        return record.settled(Sent(DeliveryStatus.DEFERRED, _BUSY))
    return record.settled(Sent(DeliveryStatus.UNKNOWN, _DIED)) if record.status is _Pending.COMMITTING else None


def _written(receipt: _Receipt) -> bytes:
    return json_bytes(_RECEIPT.dump_python(receipt, mode="json"))
