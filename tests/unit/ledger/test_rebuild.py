"""Rebuild a ledger from an archive: nothing proven is lost, and nothing that may have been sent is sent again."""

import hashlib
import shutil
from pathlib import Path

import pytest

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.delivery.message import prepare
from reporter.delivery.receipt import Receipt, ReceiptLine
from reporter.domain.errors import ArchiveError
from reporter.domain.mailbox import Mailbox
from reporter.files import json_bytes
from reporter.ledger.recovery import rebuild, recall
from reporter.ledger.resolution import send_again
from tests.unit.delivery.mails import MAIL, SENDER, key_of
from tests.unit.ledger.ledgers import (
    ACCEPTED,
    CEO,
    CFO,
    DEFERRED,
    FAILED,
    UNKNOWN,
    LedgerFixture,
    claimed,
    planned,
    refused,
    sent,
)

STATUSES: dict[DeliveryStatus | None, DeliveryStatus | None] = {
    **{status: status for status in DeliveryStatus},
    DeliveryStatus.CLAIMED: DeliveryStatus.UNKNOWN,
    DeliveryStatus.SENDING: DeliveryStatus.UNKNOWN,
    DeliveryStatus.OUTBOX: None,
    None: DeliveryStatus.UNKNOWN,
}
"""The state of a message for each kind of receipt line; None is an email without a line."""


def keep(root: Path, *, revision: int = 1, folder: str = "", **statuses: DeliveryStatus | None) -> Path:
    """Keep Acme's April edition, with an email and a receipt line per recipient; None is an email without a line."""
    edition = root / "acme" / "month" / "2026-04"
    place = edition / folder
    place.mkdir(parents=True, exist_ok=True)
    (root / "acme" / "organization.json").write_bytes(json_bytes({"id": "org-1", "name": "Acme Roofing"}))
    lines = []
    for number, (name, status) in enumerate(statuses.items()):
        to = f"{name}@acme.example"
        file = f"email-{number:02}.eml"
        mail = prepare(MAIL, key_of(to, revision), file, sender=SENDER, to=Mailbox("Müller, Ann", to))
        (place / file).write_bytes(mail.wire)
        if status is not None:
            lines.append(ReceiptLine(to, revision, mail.message_id, file, status, f"said: {status}"))
    (place / "receipt.json").write_bytes(Receipt(revision, None, tuple(lines)).as_bytes())
    return place


def states(ledger: LedgerFixture) -> dict[tuple[str, int], DeliveryStatus]:
    """The states of all messages in the ledger."""
    return {(record.recipient, record.revision): record.state for record in ledger.records()}


@pytest.mark.parametrize(("status", "state"), STATUSES.items())
def test_each_line_says_what_is_known(
    status: DeliveryStatus | None, state: DeliveryStatus | None, ledger: LedgerFixture, tmp_path: Path
) -> None:
    """A receipt line is trusted; an email without one may have been sent; an email in the outbox was not sent."""
    place = keep(tmp_path, ceo=status)
    book = ledger.run()
    assert len(rebuild(book, recall(tmp_path))) == (state is not None)
    assert states(ledger) == ({(CEO, 1): state} if state else {})
    for record in ledger.records():
        assert (record.organization_id, record.organization, record.period, record.label) == (
            "org-1",
            "Acme Roofing",
            "month",
            "2026-04",
        )
        assert record.sha256 == hashlib.sha256((place / "email-00.eml").read_bytes()).hexdigest()
        assert ledger.events()[-1].note == "from the archive's receipts"
    if state not in {DeliveryStatus.PLANNED, DeliveryStatus.DEFERRED, None}:
        assert refused(book, key_of(CEO)) in {DeliveryStatus.ACCEPTED, DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN}
    elif state:
        claimed(book, key_of(CEO))


def test_what_is_recalled_can_be_settled(ledger: LedgerFixture, tmp_path: Path) -> None:
    """A recovered message with an unknown outcome can be settled to be resent, as the email in the archive."""
    keep(tmp_path, ceo=None)
    rebuild(ledger.run(), recall(tmp_path))
    (record,) = send_again(ledger.run(), [1])
    assert (record.state, record.was_tried, record.file) == (DeliveryStatus.PLANNED, True, "email-00.eml")


def test_a_second_time_finds_nothing_new(ledger: LedgerFixture, tmp_path: Path) -> None:
    """A second rebuild finds nothing new; a dry run before reports the same and writes nothing."""
    keep(tmp_path, ceo=DeliveryStatus.ACCEPTED, cfo=None)
    book, recalled = ledger.run(), recall(tmp_path)
    told = rebuild(book, recalled, rehearsal=True)
    assert ledger.records() == []
    assert rebuild(book, recalled) == told == list(recalled)
    assert rebuild(book, recalled) == []


@pytest.mark.parametrize("status", [DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED, None])
@pytest.mark.parametrize("outcome", [None, ACCEPTED, UNKNOWN, FAILED, DEFERRED])
def test_the_more_careful_is_believed(
    status: DeliveryStatus | None, outcome: SendResult | None, ledger: LedgerFixture, tmp_path: Path
) -> None:
    """An older ledger is updated from the archive, and loses nothing that it knew; no message becomes sendable."""
    book = ledger.run()
    (key,) = planned(book)
    if outcome:
        sent(book, key, outcome)
    careful = [
        DeliveryStatus.PLANNED,
        DeliveryStatus.DEFERRED,
        DeliveryStatus.FAILED,
        DeliveryStatus.UNKNOWN,
        DeliveryStatus.ACCEPTED,
    ]
    before, recalled = ledger.records()[0].state, STATUSES[status]
    assert recalled is not None
    keep(tmp_path, ceo=status)
    rebuild(ledger.run(), recall(tmp_path))
    (record,) = ledger.records()
    assert record.state is max(before, recalled, key=careful.index)
    assert record.next_try is None
    assert refused(ledger.run(), key) is record.delivery.status


@pytest.mark.parametrize("name", ["acme-old", "zzz"])
def test_of_two_folders_of_an_organization_the_more_careful_is_believed(
    name: str, ledger: LedgerFixture, tmp_path: Path
) -> None:
    """A copy of an organization's folder from before the email was accepted does not make it sendable again."""
    keep(tmp_path, ceo=DeliveryStatus.DEFERRED)
    shutil.copytree(tmp_path / "acme", tmp_path / name)
    keep(tmp_path, ceo=DeliveryStatus.ACCEPTED)
    rebuild(ledger.run(), recall(tmp_path))
    assert states(ledger) == {(CEO, 1): DeliveryStatus.ACCEPTED}


def test_whoever_had_a_message_before_has_it_no_more(ledger: LedgerFixture, tmp_path: Path) -> None:
    """A claim of an older ledger cannot send once the archive shows that the message may have been sent."""
    book = ledger.run()
    claim = claimed(book, planned(book)[0])
    keep(tmp_path, ceo=None)
    rebuild(ledger.run(), recall(tmp_path))
    book.settle(claim, FAILED)
    assert ledger.records()[0].state is DeliveryStatus.UNKNOWN


def test_revisions_are_told_apart(ledger: LedgerFixture, tmp_path: Path) -> None:
    """Each revision has its own emails, whatever folder they are in; a replaced, unsent email is not sent."""
    keep(tmp_path, folder="revision-1", revision=1, ceo=DeliveryStatus.ACCEPTED, cfo=DeliveryStatus.DEFERRED, cto=None)
    place = keep(tmp_path, revision=2, ceo=DeliveryStatus.ACCEPTED, cfo=None)
    left_over = (place / "revision-1" / "email-02.eml").read_bytes()
    (place / "email-02.eml").write_bytes(left_over)
    rebuild(ledger.run(), recall(tmp_path))
    assert states(ledger) == {
        (CEO, 1): DeliveryStatus.ACCEPTED,
        (CFO, 1): DeliveryStatus.FAILED,
        ("cto@acme.example", 1): DeliveryStatus.UNKNOWN,
        (CEO, 2): DeliveryStatus.ACCEPTED,
        (CFO, 2): DeliveryStatus.UNKNOWN,
    }


def test_a_line_counts_without_its_mail(ledger: LedgerFixture, tmp_path: Path) -> None:
    """A receipt line whose email was removed still counts as sent."""
    (keep(tmp_path, ceo=DeliveryStatus.ACCEPTED) / "email-00.eml").unlink()
    rebuild(ledger.run(), recall(tmp_path))
    assert states(ledger) == {(CEO, 1): DeliveryStatus.ACCEPTED}


def test_mails_count_without_their_receipt(ledger: LedgerFixture, tmp_path: Path) -> None:
    """If the receipt is missing, the delivery state of every email is unknown."""
    (keep(tmp_path, ceo=DeliveryStatus.ACCEPTED, cfo=DeliveryStatus.OUTBOX) / "receipt.json").unlink()
    rebuild(ledger.run(), recall(tmp_path))
    assert set(states(ledger).values()) == {DeliveryStatus.UNKNOWN}


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("receipt.json", b"{", r"receipt.json is damaged"),
        ("receipt.json", b'{"schema": 9}', r"receipt.json is damaged \(schema"),
        ("email-00.eml", b"no mail at all", r"email-00.eml is damaged"),
        (
            "email-00.eml",
            b"To: cfo@acme.example\r\nMessage-ID: <a@b.example>\r\n\r\n",
            r"eml is not an email of this report",
        ),
        ("../../organization.json", b"{}", r"does not say whose folder this is"),
    ],
)
def test_what_is_damaged_is_named_and_stops_it(file: str, content: bytes, sentence: str, tmp_path: Path) -> None:
    """A damaged file could hide an email that was sent, so no ledger is built from such an archive."""
    place = keep(tmp_path, ceo=DeliveryStatus.ACCEPTED)
    (place / file).write_bytes(content)
    with pytest.raises(ArchiveError, match=sentence):
        recall(tmp_path)


def test_what_is_not_an_edition_is_passed_over(tmp_path: Path) -> None:
    """The program's own folder, and folders that were never completed, contain no receipts."""
    for folder in (".state/a/b", ".acme.1234.tmp/a/b"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "receipt.json").write_bytes(b"{")
    assert recall(tmp_path) == ()
