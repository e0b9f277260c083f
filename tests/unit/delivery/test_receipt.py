"""The receipt of an edition: what is sent again, what never is, and what a damaged one stops."""

import json
import re
from pathlib import Path

import pytest

from reporter.delivery.interface import Delivery, DeliveryStatus, Sent
from reporter.delivery.receipt import ReceiptLedger
from reporter.errors import ArchiveError
from tests.unit.delivery.mails import key_of

KEY = key_of("ceo@acme.example")
ID = "<abc@example.com>"
OUTCOMES = list(DeliveryStatus)
ONCE = {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a receipt is to lie; its folder is not there yet."""
    return tmp_path / "edition" / "receipt.json"


def status_in(path: Path) -> list[str]:
    """The states as they stand in the file."""
    return [record["status"] for record in json.loads(path.read_bytes())["deliveries"]]


def settled(path: Path, status: DeliveryStatus) -> Delivery:
    """The record of a message that had this outcome."""
    ledger = ReceiptLedger(path)
    assert ledger.claim(KEY, ID, "email.eml") is None
    ledger.commit(KEY)
    return ledger.settle(KEY, Sent(status, "as the server said"))


def test_every_step_is_on_disk_before_the_next(path: Path) -> None:
    """Claimed, committing and accepted follow one another in a file that a person can read."""
    ledger = ReceiptLedger(path)
    assert ledger.claim(KEY, ID, "email.eml") is None
    assert status_in(path) == ["claimed"]
    ledger.commit(KEY)
    assert status_in(path) == ["committing"]
    delivery = ledger.settle(KEY, Sent(DeliveryStatus.ACCEPTED, "250 Ok"))
    assert delivery == Delivery("ceo@acme.example", ID, "email.eml", DeliveryStatus.ACCEPTED, "250 Ok")
    assert json.loads(path.read_bytes()) == {
        "schema": 1,
        "revision": 1,
        "reason": None,
        "deliveries": [
            {
                "organization_id": "org-1",
                "period": "month",
                "label": "2026-04",
                "recipient": "ceo@acme.example",
                "revision": 1,
                "message_id": ID,
                "file": "email.eml",
                "status": "accepted",
                "reply": "250 Ok",
            }
        ],
    }


@pytest.mark.parametrize("status", OUTCOMES)
def test_what_was_or_may_have_been_sent_is_not_sent_again(path: Path, status: DeliveryStatus) -> None:
    """Accepted and unknown stay as they are; deferred, failed and outbox are free to be sent by a later run."""
    delivery = settled(path, status)
    again = ReceiptLedger(path).claim(KEY, "<other@example.com>", "other.eml")
    assert again == (delivery if status in ONCE else None)
    assert status_in(path) == [status if status in ONCE else "claimed"]


def test_what_a_run_may_leave_alone(path: Path) -> None:
    """Before it makes anything a run learns what was sent, what may have been, and what another run is sending now."""
    assert ReceiptLedger(path).sent() == ()
    assert not path.parent.exists()
    holder = ReceiptLedger(path)
    assert holder.claim(KEY, ID, "email.eml") is None
    assert [found.status for found in ReceiptLedger(path).sent()] == [DeliveryStatus.DEFERRED]
    holder.commit(KEY)
    assert [found.status for found in ReceiptLedger(path).sent()] == [DeliveryStatus.DEFERRED]
    accepted = holder.settle(KEY, Sent(DeliveryStatus.ACCEPTED, "250 Ok"))
    assert ReceiptLedger(path).sent() == (accepted,)
    for state, statuses in (("claimed", []), ("committing", ["unknown"]), ("unknown", ["unknown"]), ("failed", [])):
        path.write_text(re.sub('"status": "[a-z]*"', f'"status": "{state}"', path.read_text()))
        assert [found.status for found in ReceiptLedger(path).sent()] == statuses


def test_a_forced_revision_remembers_its_reason(path: Path) -> None:
    """A new revision's receipt begins without its readers, and number and reason outlast the mails that follow."""
    settled(path, DeliveryStatus.ACCEPTED)
    path.write_bytes(ReceiptLedger(path).revised("the logo was wrong", ["ceo@acme.example"]))
    ledger = ReceiptLedger(path)
    assert (ledger.revision, ledger.sent(), ledger.files()) == (2, (), {})
    settled(path, DeliveryStatus.ACCEPTED)
    assert json.loads(path.read_bytes())["reason"] == "the logo was wrong"
    assert (ReceiptLedger(path).revision, ReceiptLedger(path).files()) == (2, {"ceo@acme.example": "email.eml"})


def test_a_revision_for_some_leaves_the_others_what_they_had(path: Path) -> None:
    """Who is not among a revision's readers keeps the record of the mail they had, and where it lies now."""
    settled(path, DeliveryStatus.ACCEPTED)
    path.write_bytes(ReceiptLedger(path).revised("for the board", ["board@acme.example"]))
    (kept,) = ReceiptLedger(path).sent()
    assert (kept.recipient, kept.status, kept.file) == (
        "ceo@acme.example",
        DeliveryStatus.ACCEPTED,
        "revision-1/email.eml",
    )


def test_other_keys_are_other_messages(path: Path) -> None:
    """Another recipient or revision has a record of its own, and the first one's stays."""
    settled(path, DeliveryStatus.ACCEPTED)
    ledger = ReceiptLedger(path)
    for key in (key_of("cfo@acme.example"), key_of("ceo@acme.example", revision=2)):
        assert ledger.claim(key, ID, "email.eml") is None
        ledger.settle(key, Sent(DeliveryStatus.FAILED, "550 no"))
    assert status_in(path) == ["accepted", "failed", "failed"]


def test_a_claim_of_the_dead_is_taken_over(path: Path) -> None:
    """A run that died before the point of no return left nothing behind that holds the message."""
    path.parent.mkdir()
    settled(path, DeliveryStatus.FAILED)
    path.write_text(path.read_text().replace('"failed"', '"claimed"'))
    assert ReceiptLedger(path).claim(KEY, ID, "email.eml") is None


def test_a_commit_of_the_dead_is_unknown(path: Path) -> None:
    """A run that died after the point of no return makes the message unknown, once and for all."""
    settled(path, DeliveryStatus.FAILED)
    path.write_text(path.read_text().replace('"failed"', '"committing"'))
    for _ in range(2):
        delivery = ReceiptLedger(path).claim(KEY, "<other@example.com>", "other.eml")
        assert delivery is not None
        assert (delivery.status, delivery.message_id, delivery.file) == (DeliveryStatus.UNKNOWN, ID, "email.eml")
        assert "ended before" in delivery.reply
    assert status_in(path) == ["unknown"]


def test_a_message_in_another_hand_is_deferred(path: Path) -> None:
    """While a run holds a message, another that does not want to wait is told to come again, and changes nothing."""
    holder = ReceiptLedger(path)
    assert holder.claim(KEY, ID, "email.eml") is None
    delivery = ReceiptLedger(path, patience=0).claim(KEY, ID, "email.eml")
    assert delivery is not None
    assert delivery.status is DeliveryStatus.DEFERRED
    assert "another run" in delivery.reply
    assert status_in(path) == ["claimed"]
    holder.settle(KEY, Sent(DeliveryStatus.ACCEPTED, "250 Ok"))
    known = ReceiptLedger(path, patience=0).claim(KEY, ID, "email.eml")
    assert known is not None
    assert known.status is DeliveryStatus.ACCEPTED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"schema": 2, "deliveries": []}',
        b'{"schema": 1, "deliveries": [{"recipient": "a@b.c"}]}',
        b'{"schema": 1, "deliveries": [7]}',
    ],
)
def test_a_damaged_receipt_stops_its_edition(path: Path, content: bytes) -> None:
    """What cannot be read may have been sent: nothing is, the file stays, and the sentence names it on one line."""
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"receipt\.json is damaged") as damaged:
        ReceiptLedger(path).claim(KEY, ID, "email.eml")
    assert str(damaged.value).isprintable()
    assert path.read_bytes() == content


def test_an_unknown_status_is_damage(path: Path) -> None:
    """A state this version does not know is not taken for one it does."""
    settled(path, DeliveryStatus.FAILED)
    path.write_text(path.read_text().replace('"failed"', '"bounced"'))
    with pytest.raises(ArchiveError, match="damaged"):
        ReceiptLedger(path).claim(KEY, ID, "email.eml")


def test_a_folder_that_cannot_be_written_stops_its_edition(tmp_path: Path) -> None:
    """Without a place to remember nothing is claimed."""
    (tmp_path / "edition").write_text("a file where a folder belongs")
    with pytest.raises(ArchiveError, match="move the file away"):
        ReceiptLedger(tmp_path / "edition" / "receipt.json").claim(KEY, ID, "email.eml")


def test_a_failed_claim_holds_nothing(path: Path) -> None:
    """An error on the way to a claim, or at the commit, leaves the message to others at once."""
    path.parent.mkdir()
    path.write_bytes(b"{")
    ledger = ReceiptLedger(path)
    with pytest.raises(ArchiveError):
        ledger.claim(KEY, ID, "email.eml")
    path.unlink()
    other = ReceiptLedger(path, patience=0)
    assert other.claim(KEY, ID, "email.eml") is None
    path.write_bytes(b"{")
    with pytest.raises(ArchiveError):
        other.commit(KEY)
    path.unlink()
    assert ReceiptLedger(path, patience=0).claim(KEY, ID, "email.eml") is None
