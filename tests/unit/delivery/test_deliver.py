"""The story of delivery, over the transport that needs no server."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from reporter.delivery.deliver import deliver, prepare, worst_status
from reporter.delivery.interface import Delivery, DeliveryStatus
from reporter.delivery.message import message_id
from reporter.delivery.outbox import OutboxTransport
from reporter.delivery.receipt import ReceiptLedger
from reporter.errors import ArchiveError, DeliveryError
from tests.unit.delivery.mails import MAIL, SENDER, key_of, parsed

RECIPIENTS = ("ceo@acme.example", "cfo@acme.example")
WORST_FIRST = [
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.FAILED,
    DeliveryStatus.DEFERRED,
    DeliveryStatus.OUTBOX,
    DeliveryStatus.ACCEPTED,
]


def test_one_message_per_recipient() -> None:
    """Each recipient gets a message of their own, with an id of its own and nobody else's address."""
    first, second = (prepare(MAIL, key_of(to), "email.eml", sender=SENDER) for to in RECIPIENTS)
    assert first.message_id == message_id(first.key, "example.com") != second.message_id
    assert parsed(first.wire)["To"] == RECIPIENTS[0]
    assert RECIPIENTS[1].encode() not in first.wire
    assert parsed(first.wire)["Message-ID"] == first.message_id
    assert "%PDF" not in repr(first)


def test_a_revision_is_another_message() -> None:
    """A report that is sent again on purpose has another id, so that no mail program takes it for the first."""
    first, forced = (prepare(MAIL, key_of("a@b.example", revision), "email.eml", sender=SENDER) for revision in (1, 2))
    assert first.message_id != forced.message_id


def test_no_message_without_addresses() -> None:
    """A sender or recipient that is none is an error before anything is claimed."""
    with pytest.raises(DeliveryError, match="no address"):
        prepare(MAIL, key_of("nobody"), "email.eml", sender=SENDER)
    with pytest.raises(DeliveryError, match="no address"):
        prepare(MAIL, key_of("a@b.example"), "email.eml", sender="nobody")


def test_the_outbox_hands_mail_to_nobody(tmp_path: Path) -> None:
    """Without a server each message is settled as kept, says so, and may be sent later."""
    outgoing = [prepare(MAIL, key_of(to), "email.eml", sender=SENDER) for to in RECIPIENTS]
    transport = OutboxTransport()
    for _ in range(2):
        deliveries = deliver(outgoing, ReceiptLedger(tmp_path / "receipt.json"), transport)
        assert [delivery.recipient for delivery in deliveries] == list(RECIPIENTS)
        assert {delivery.status for delivery in deliveries} == {DeliveryStatus.OUTBOX}
        assert all("beside the report" in delivery.reply for delivery in deliveries)
    transport.close()


def test_a_damaged_receipt_stops_the_edition(tmp_path: Path) -> None:
    """When nobody knows what was sent, nothing is."""
    (tmp_path / "receipt.json").write_text("{")
    outgoing = [prepare(MAIL, key_of(RECIPIENTS[0]), "email.eml", sender=SENDER)]
    with pytest.raises(ArchiveError, match="damaged"):
        deliver(outgoing, ReceiptLedger(tmp_path / "receipt.json"), OutboxTransport())


def test_a_report_is_as_good_as_its_worst_delivery() -> None:
    """Unknown before failed before deferred before outbox before accepted, in whatever order they come."""
    any_delivery = Delivery("a@b.example", "<i@d>", "email.eml", DeliveryStatus.ACCEPTED, "")
    for order in permutations(DeliveryStatus):
        deliveries = [replace(any_delivery, status=status) for status in order]
        for status in WORST_FIRST:
            assert worst_status(deliveries) is status
            deliveries = [delivery for delivery in deliveries if delivery.status is not status]
    assert worst_status([]) is None
