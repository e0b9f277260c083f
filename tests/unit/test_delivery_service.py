"""The steps of a delivery, with a real ledger and channels that answer as a server would."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reporter.delivery.channel import DeliveryStatus, Email, SendResult
from reporter.delivery.message import OutgoingMessage, message_id, prepare
from reporter.delivery.outbox import OutboxChannel
from reporter.delivery_service import deliver, rehearse
from reporter.domain.mailbox import Mailbox
from reporter.ledger.ledger import LEASE, Ledger
from reporter.ledger.opening import LEDGER, open_ledger
from tests.unit.delivery.mails import MAIL, SENDER, key_of, parsed

RECIPIENTS = ("ceo@acme.example", "cfo@acme.example")


def test_one_message_per_recipient() -> None:
    """Each recipient gets a separate message, with its own id and no other recipient's address."""
    first, second = (message(to) for to in RECIPIENTS)
    assert first.message_id == message_id(first.key, "example.com") != second.message_id
    assert parsed(first.wire)["To"] == RECIPIENTS[0]
    assert RECIPIENTS[1].encode() not in first.wire
    assert parsed(first.wire)["Message-ID"] == first.message_id
    assert "%PDF" not in repr(first)


def test_a_revision_is_another_message() -> None:
    """A report that is sent again on purpose has a new id, so that email programs do not treat it as a duplicate."""
    first, forced = (message(RECIPIENTS[0], revision) for revision in (1, 2))
    assert first.message_id != forced.message_id


@dataclass
class Answering:
    """A channel whose server answers `sent`; `before` is called just before the message is marked as sending."""

    sent: SendResult
    before: Callable[[], None] = lambda: None
    asked: list[str] = field(default_factory=list)

    def send(self, message: Email, on_commit: Callable[[], None]) -> SendResult:
        """Return the answer, after the ledger has recorded that the message is being sent."""
        assert message.wire.endswith(b"\r\n")
        self.asked.append(message.recipient)
        self.before()
        on_commit()
        return self.sent

    def close(self) -> None:
        """Do nothing: no connection is open."""


ACCEPTED = SendResult(DeliveryStatus.ACCEPTED, "250 2.0.0 Ok")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in a file, in which both messages are planned."""
    with open_ledger(tmp_path, None, run="first", clock=lambda: datetime.now(UTC), sends=True) as opened:
        opened.plan([key_of(to) for to in RECIPIENTS], "Acme Roofing")
        yield opened


def message(recipient: str = RECIPIENTS[0], revision: int = 1) -> OutgoingMessage:
    """April's email to one recipient."""
    return prepare(MAIL, key_of(recipient, revision), "email.eml", sender=SENDER, to=Mailbox("", recipient))


def state(book: Ledger) -> list[DeliveryStatus]:
    """The states of the messages in the ledger, in order."""
    key = key_of(RECIPIENTS[0])
    return [record.state for record in book.window_state(key.organization_id, key.period, key.label).records]


def test_a_message_is_sent_once(book: Ledger) -> None:
    """The second time, the answer comes from the ledger, and no server is contacted."""
    channel = Answering(ACCEPTED)
    first, again = (deliver(message(), book, channel) for _ in range(2))
    assert first == again
    assert (first.status, first.reply, channel.asked) == (DeliveryStatus.ACCEPTED, "250 2.0.0 Ok", [RECIPIENTS[0]])
    assert state(book) == [DeliveryStatus.ACCEPTED, DeliveryStatus.PLANNED]


def test_who_was_not_asked_stays_planned(book: Ledger) -> None:
    """If the server refuses the connection, the message stays planned and is sent as soon as the cause is fixed."""
    refused = SendResult(DeliveryStatus.FAILED, "535 no such user", attempted=False)
    assert deliver(message(), book, Answering(refused)).status is DeliveryStatus.FAILED
    assert state(book)[0] is DeliveryStatus.PLANNED
    assert deliver(message(), book, Answering(ACCEPTED)).status is DeliveryStatus.ACCEPTED


def test_a_claim_that_was_lost_sends_nothing(book: Ledger, tmp_path: Path) -> None:
    """A run so slow that another run took its message over stops before it sends."""

    def taken_over() -> None:
        later = datetime.now(UTC) + 2 * LEASE
        with open_ledger(tmp_path, None, run="second", clock=lambda: later, sends=True) as other:
            assert deliver(message(), other, Answering(ACCEPTED)).status is DeliveryStatus.ACCEPTED

    delivery = deliver(message(), book, Answering(ACCEPTED, before=taken_over))
    assert (delivery.status, delivery.reply[:18]) == (DeliveryStatus.DEFERRED, "another run took t")
    assert state(book)[0] is DeliveryStatus.ACCEPTED


def test_an_answer_that_cannot_be_noted_is_unknown(book: Ledger, tmp_path: Path) -> None:
    """If the server accepted a message but the ledger cannot record it, the outcome is unknown."""

    class Vanishing(Answering):
        def send(self, message: Email, on_commit: Callable[[], None]) -> SendResult:
            sent = super().send(message, on_commit)
            with closing(sqlite3.connect(tmp_path / ".state" / LEDGER)) as ledger:
                ledger.execute("ALTER TABLE events RENAME TO gone")
            return sent

    delivery = deliver(message(), book, Vanishing(ACCEPTED))
    assert delivery.status is DeliveryStatus.UNKNOWN
    assert delivery.reply == "accepted (250 2.0.0 Ok), but the ledger could not record it"
    assert state(book)[0] is DeliveryStatus.SENDING


@pytest.mark.parametrize(("domains", "goes"), [(("acme.example",), True), (("other.example",), False), ((), False)])
def test_mail_goes_to_allowed_domains_alone(domains: tuple[str, ...], goes: bool, book: Ledger) -> None:  # noqa: FBT001
    """The organization's allowed domains are checked immediately before sending, whatever address the message has."""
    channel = Answering(ACCEPTED)
    delivery = deliver(replace(message(), domains=domains), book, channel)
    assert (delivery.status is DeliveryStatus.ACCEPTED, bool(channel.asked)) == (goes, goes)
    if not goes:
        assert "may not go to acme.example" in delivery.reply


def test_a_rehearsal_remembers_nothing(book: Ledger) -> None:
    """Without a server, each message is reported as kept and stays planned."""
    delivery = rehearse(message(), OutboxChannel())
    assert (delivery.status, "beside the report" in delivery.reply) == (DeliveryStatus.OUTBOX, True)
    assert state(book) == [DeliveryStatus.PLANNED] * 2
