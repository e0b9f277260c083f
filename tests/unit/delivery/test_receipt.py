"""The receipt of an edition: what it contains, and the error if it cannot be read."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reporter.delivery.channel import DeliveryStatus
from reporter.delivery.receipt import Receipt, ReceiptLine, merged, read_receipt
from reporter.domain.errors import ArchiveError

CEO = ReceiptLine("ceo@acme.example", 2, "<1@example.com>", "email.eml", DeliveryStatus.ACCEPTED, "250 2.0.0 Ok")
CFO = ReceiptLine("cfo@acme.example", 1, "<2@example.com>", "email-02.eml", DeliveryStatus.DEFERRED, "451 later")


def test_a_receipt_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Revision, reason, and every line are read back unchanged."""
    receipt = Receipt(2, "a new logo", (CEO, CFO))
    path = tmp_path / "receipt.json"
    path.write_bytes(receipt.as_bytes())
    assert read_receipt(tmp_path, path) == receipt
    assert json.loads(path.read_bytes())["deliveries"][1]["status"] == "deferred"


def test_no_receipt_is_none(tmp_path: Path) -> None:
    """Before the first email there is no receipt, which is not an error."""
    assert read_receipt(tmp_path, tmp_path / "receipt.json") is None


def test_the_later_word_about_a_reader_counts() -> None:
    """Of two lines for one recipient, the later one counts and takes the place of the first."""
    assert merged([replace(CEO, revision=1), CFO], [CEO]) == (CEO, CFO)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"schema": 1, "deliveries": []}', b"\xff", b'{"revision": "x"}']
)
def test_a_damaged_receipt_is_told_on_one_line(content: bytes, tmp_path: Path) -> None:
    """An unreadable receipt, or one with another schema, is reported with the file and a fix."""
    path = tmp_path / "receipt.json"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"receipt\.json is damaged \(.*\): put back a copy") as refused:
        read_receipt(tmp_path, path)
    assert "\n" not in str(refused.value)
