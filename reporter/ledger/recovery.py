"""Recover a ledger from the archive, after it was lost or an older copy was restored.

    the archive's receipts and emails ─ `recall` ─▶ RecoveredDelivery, one per message ─ `rebuild` ─▶ the ledger

A run removes an email's line from the receipt before it sends, and adds it again with the result. So an email without a
line may have been sent, and a line states all that has happened. A message that may have been sent never becomes
sendable: of ledger and archive, the more cautious state wins.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from sqlalchemy import select

from reporter.archive.edition import RECEIPT
from reporter.archive.folders import read_owner
from reporter.delivery.channel import DeliveryKey, DeliveryStatus
from reporter.delivery.message import message_id
from reporter.delivery.receipt import Receipt, ReceiptLine, read_receipt
from reporter.domain.errors import ArchiveError, DeliveryError
from reporter.domain.mailbox import read_mailbox
from reporter.domain.snapshot import Organization
from reporter.files import read
from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES
from reporter.ledger.ledger import Ledger, add, change, is_message

_LEAST_CAUTIOUS_FIRST = (
    DeliveryStatus.OUTBOX,
    DeliveryStatus.PLANNED,
    DeliveryStatus.DEFERRED,
    DeliveryStatus.CLAIMED,
    DeliveryStatus.FAILED,
    DeliveryStatus.SENDING,
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.ACCEPTED,
)
"""Where two sources differ on a message, the later state in this list wins."""

_NO_LINE = (
    "the archive holds this email, and no receipt says whether it was delivered: ask the recipient, or see the "
    "server's log"
)
_row = DELIVERIES.c


@dataclass(frozen=True, slots=True)
class ArchivedEmail:
    """An email in the archive: its Message-ID, its file name in the edition's folder, and its hash."""

    message_id: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RecoveredDelivery:
    """What the archive shows about one message; `email` is None if the message itself is missing."""

    key: DeliveryKey
    organization: str
    reason: str | None
    state: DeliveryStatus
    reply: str
    email: ArchivedEmail | None


def recall(root: Path) -> tuple[RecoveredDelivery, ...]:
    """Recover every message in the archive at `root`. Raises ArchiveError, which names what is damaged."""
    found = {path.parent for name in (RECEIPT, "*.eml") for path in root.glob(f"*/*/*/{name}")}
    folders = sorted(folder for folder in found if not folder.relative_to(root).parts[0].startswith("."))
    return tuple(recovered for folder in folders for recovered in _edition(root, folder))


def rebuild(
    ledger: Ledger, recovered: Sequence[RecoveredDelivery], *, rehearsal: bool = False
) -> Sequence[RecoveredDelivery]:
    """Record and return what is new to the ledger or more cautious; a `rehearsal` records nothing."""
    news = []
    with ledger.database.transaction() as at:
        for each in recovered:  # one by one: a message in two folders is compared with what the first one recorded
            if _is_news(at, each):
                news.append(each)
                if not rehearsal:
                    _record(at, ledger.run, each)
    return news


def _is_news(at: Transaction, recovered: RecoveredDelivery) -> bool:
    known = at.run(select(_row.state).where(is_message(recovered.key)).with_for_update()).scalar()
    return known is None or _caution(recovered.state) > _caution(DeliveryStatus(known))


def _record(at: Transaction, run: str, recovered: RecoveredDelivery) -> None:
    """Add the message, or change its state; its token is incremented, so that a previous claim is void."""
    email = recovered.email
    values: dict[str, Any] = {"state": recovered.state, "reply": recovered.reply, "lease_until": None}
    values |= {"note": "from the archive's receipts"}
    values |= {"next_try": at.now if recovered.state is DeliveryStatus.DEFERRED else None}
    values |= {"message_id": email.message_id, "file": email.file, "sha256": email.sha256} if email else {}
    tried = int(recovered.state is not DeliveryStatus.PLANNED)
    about: dict[str, Any] = {"organization": recovered.organization, "reason": recovered.reason, "attempts": tried}
    if not add(at, run, recovered.key, **about, **values):
        counted: dict[str, Any] = {"token": _row.token + 1, "attempts": _row.attempts + tried}
        change(at, run, is_message(recovered.key), **counted, **values)


def _edition(root: Path, folder: Path) -> Iterator[RecoveredDelivery]:
    """Every message of a window's report, in all its revisions."""
    owner = read_owner(root, folder.parents[1])
    places = [folder, *sorted(folder.glob("revision-*"))]
    receipts = [receipt for place in places if (receipt := read_receipt(root, place / RECEIPT))]
    newest = max(len(places), *(receipt.revision for receipt in receipts), 1)
    reasons = {receipt.revision: receipt.reason for receipt in receipts}
    lines = _lines(owner, folder, receipts)
    paths = [path for place in places for path in sorted(place.glob("*.eml"))]
    emails = dict(_email(root, path, owner, folder, newest) for path in paths)
    for key in dict.fromkeys((*lines, *emails)):
        state, reply = _state(lines.get(key), is_replaced=key.revision < newest, newest=newest)
        if state is not DeliveryStatus.OUTBOX:
            yield RecoveredDelivery(key, owner.name, reasons.get(key.revision), state, reply, emails.get(key))


def _lines(owner: Organization, folder: Path, receipts: Iterable[Receipt]) -> dict[DeliveryKey, ReceiptLine]:
    """The line of each message; if receipts of several revisions have one, the most cautious."""
    lines: dict[DeliveryKey, ReceiptLine] = {}
    for line in (line for receipt in receipts for line in receipt.deliveries):
        key = _key(owner, folder, line.recipient, line.revision)
        if key not in lines or _caution(line.status) > _caution(lines[key].status):
            lines[key] = line
    return lines


def _caution(state: DeliveryStatus) -> int:
    return _LEAST_CAUTIOUS_FIRST.index(state)


def _state(line: ReceiptLine | None, *, is_replaced: bool, newest: int) -> tuple[DeliveryStatus, str]:
    """The state and reply that a line proves; another run may have sent what it held when the line was written."""
    if line is None or line.status.is_held:
        return DeliveryStatus.UNKNOWN, _NO_LINE
    if is_replaced and line.status in {DeliveryStatus.PLANNED, DeliveryStatus.DEFERRED}:
        return DeliveryStatus.FAILED, f"replaced by revision {newest}"
    return line.status, line.reply


def _email(root: Path, path: Path, owner: Organization, folder: Path, newest: int) -> tuple[DeliveryKey, ArchivedEmail]:
    """An email and the key of its message, which its Message-ID proves; a name or a folder would not."""
    wire = read(root, path)
    headers = message_from_bytes(wire, policy=policy.compat32)
    identity = str(headers["Message-ID"]).strip()
    domain = identity.strip("<>").rpartition("@")[2]
    for revision in range(newest, 0, -1):
        key = _key(owner, folder, _recipient(path, str(headers["To"])), revision)
        if message_id(key, domain) == identity:
            return key, ArchivedEmail(identity, path.name, hashlib.sha256(wire).hexdigest())
    raise ArchiveError(f"{path} is not an email of this report, by its Message-ID: restore a copy of the original")


def _recipient(path: Path, written: str) -> str:
    """The email's recipient: its header may be folded, and the name before the address encoded."""
    try:
        return read_mailbox(written.rpartition("<")[2].removesuffix(">").strip()).canonical
    except DeliveryError as error:
        raise ArchiveError(f"{path} is damaged ({error}): restore a copy of it") from error


def _key(owner: Organization, folder: Path, recipient: str, revision: int) -> DeliveryKey:
    return DeliveryKey(owner.id, folder.parent.name, folder.name, recipient, revision)
