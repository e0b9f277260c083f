"""The receipt beside an edition's emails: what the ledger recorded about each when the run ended.

    {"schema": 2, "revision": 1, "reason": null,
     "deliveries": [
      {"recipient": "ceo@acme.example", "revision": 1, "message_id": "<…@example.com>", "file": "email.eml",
       "status": "accepted", "reply": "250 2.0.0 Ok: queued"}]}

`revision` is that of the files beside it, `reason` the operator's for a revision above 1. It is written before the
other files of its revision, so it never refers to an older one. The ledger decides what is sent, not the receipt.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import ArchiveError
from reporter.files import json_bytes, read


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One message in the receipt; `file` is a file name in the same folder."""

    recipient: str
    revision: int
    message_id: str
    file: str
    status: DeliveryStatus
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The delivery status of an edition's emails."""

    revision: int = 1
    reason: str | None = None
    deliveries: tuple[ReceiptLine, ...] = field(default=())
    schema: Literal[2] = 2

    def as_bytes(self) -> bytes:
        """The receipt as archived."""
        return json_bytes(_RECEIPT.dump_python(self, mode="json"))


_RECEIPT = TypeAdapter(Receipt)


def read_receipt(root: Path, path: Path) -> Receipt | None:
    """The receipt at `path` in the archive at `root`, None if there is none. Raises ArchiveError."""
    if not path.exists():
        return None
    try:
        return _RECEIPT.validate_json(read(root, path))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        sentence = f"{path} is damaged ({place}: {first['msg']}): put back a copy of it"
        raise ArchiveError(sentence) from error


def merged(*parts: Iterable[ReceiptLine]) -> tuple[ReceiptLine, ...]:
    """One line for each recipient, in order of first appearance; later lines replace earlier ones."""
    return tuple({line.recipient: line for part in parts for line in part}.values())
