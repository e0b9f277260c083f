"""Recover deliveries from the archive for a lost ledger: from its receipts, and from emails without a receipt line.

A run removes an email's line from the receipt before it sends, and adds it again with the result. So an email without a
line may have been sent, and a line states all that has happened.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from reporter.archive.edition import RECEIPT
from reporter.archive.folders import read_owner
from reporter.delivery.channel import DeliveryKey, DeliveryStatus
from reporter.delivery.message import message_id
from reporter.delivery.receipt import Receipt, ReceiptLine, read_receipt
from reporter.domain.errors import ArchiveError, DeliveryError
from reporter.domain.mailbox import reader
from reporter.domain.snapshot import Organization
from reporter.files import read
from reporter.ledger.state import MessageState

CARE = (
    MessageState.PLANNED,
    MessageState.DEFERRED,
    MessageState.CLAIMED,
    MessageState.FAILED,
    MessageState.COMMITTING,
    MessageState.UNKNOWN,
    MessageState.ACCEPTED,
)
"""States from the least to the most cautious; where ledger and archive differ, the later one in this list wins."""

_NO_LINE = "the archive holds this mail, and no receipt tells what became of it: ask the reader, or the server's log"


@dataclass(frozen=True, slots=True)
class ArchivedEmail:
    """An email in the archive: its Message-ID, its file name in the edition's folder, and its hash."""

    message_id: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RecoveredDelivery:
    """What the archive shows about one message; `mail` is None if the message itself is missing."""

    key: DeliveryKey
    organization: str
    reason: str | None
    state: MessageState
    reply: str
    mail: ArchivedEmail | None


def recall(root: Path) -> tuple[RecoveredDelivery, ...]:
    """Recover every message in the archive at `root`. Raises ArchiveError, which names what is damaged."""
    found = {path.parent for name in (RECEIPT, "*.eml") for path in root.glob(f"*/*/*/{name}")}
    folders = sorted(folder for folder in found if not folder.relative_to(root).parts[0].startswith("."))
    return tuple(recalled for folder in folders for recalled in _edition(root, folder))


def _edition(root: Path, folder: Path) -> Iterator[RecoveredDelivery]:
    """Every message of a window's report, in all its revisions."""
    owner = read_owner(root, folder.parents[1])
    places = [folder, *sorted(folder.glob("revision-*"))]
    receipts = [receipt for place in places if (receipt := read_receipt(root, place / RECEIPT))]
    newest = max(len(places), *(receipt.revision for receipt in receipts), 1)
    reasons = {receipt.revision: receipt.reason for receipt in receipts}
    lines = _lines(owner, folder, receipts)
    paths = [path for place in places for path in sorted(place.glob("*.eml"))]
    mails = dict(_mail(root, path, owner, folder, newest) for path in paths)
    for key in dict.fromkeys((*lines, *mails)):
        told = _told(lines.get(key), is_replaced=key.revision < newest, newest=newest)
        if told is not None:
            yield RecoveredDelivery(key, owner.name, reasons.get(key.revision), *told, mails.get(key))


def _lines(owner: Organization, folder: Path, receipts: Iterable[Receipt]) -> dict[DeliveryKey, ReceiptLine]:
    """The line of each message; if receipts of several revisions have one, the most cautious."""
    lines: dict[DeliveryKey, ReceiptLine] = {}
    for line in (line for receipt in receipts for line in receipt.deliveries):
        key = _key(owner, folder, line.recipient, line.revision)
        if key not in lines or _care(line) > _care(lines[key]):
            lines[key] = line
    return lines


def _care(line: ReceiptLine) -> int:
    return -1 if line.status is DeliveryStatus.OUTBOX else CARE.index(MessageState(line.status))


def _told(line: ReceiptLine | None, *, is_replaced: bool, newest: int) -> tuple[MessageState, str] | None:
    """The state and reply that a line proves; None if nothing was to be sent."""
    if line is None:
        return MessageState.UNKNOWN, _NO_LINE
    if line.status is DeliveryStatus.OUTBOX:
        return None
    state = MessageState(line.status)
    if is_replaced and state in {MessageState.PLANNED, MessageState.DEFERRED}:
        return MessageState.FAILED, f"replaced by revision {newest}"
    return state, line.reply


def _mail(root: Path, path: Path, owner: Organization, folder: Path, newest: int) -> tuple[DeliveryKey, ArchivedEmail]:
    """An email and the key of its message, which its Message-ID proves; a name or a folder would not."""
    wire = read(root, path)
    headers = message_from_bytes(wire, policy=policy.compat32)
    identity = str(headers["Message-ID"]).strip()
    domain = identity.strip("<>").rpartition("@")[2]
    for revision in range(newest, 0, -1):
        key = _key(owner, folder, _addressee(path, str(headers["To"])), revision)
        if message_id(key, domain) == identity:
            return key, ArchivedEmail(identity, path.name, hashlib.sha256(wire).hexdigest())
    raise ArchiveError(f"{path} is no mail of this report, by its Message-ID: put back a copy of what lay there")


def _addressee(path: Path, written: str) -> str:
    """The email's recipient: its header may be folded, and the name before the address encoded."""
    try:
        return reader(written.rpartition("<")[2].removesuffix(">").strip())
    except DeliveryError as error:
        raise ArchiveError(f"{path} is damaged ({error}): put back a copy of it") from error


def _key(owner: Organization, folder: Path, recipient: str, revision: int) -> DeliveryKey:
    return DeliveryKey(owner.id, folder.parent.name, folder.name, recipient, revision)
