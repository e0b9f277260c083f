"""An edition's email and its keys, for the tests of delivery."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from reporter.delivery.channel import DeliveryKey
from reporter.delivery.message import EmailContent
from reporter.domain.mailbox import Mailbox

SENDER = Mailbox("Reports", "reports@example.com")

MAIL = EmailContent(
    subject="Acme Roofing: April 2026",
    text="Response rate 81.0 %\n.a line that begins with a dot\n.\nthe end\n",
    html="<p>Response rate <b>81.0 %</b></p>",
    pdf=b"%PDF-1.7\r\n.\r\n\x00\xff" * 300,
    filename="Acme Roofing 2026-04.pdf",
    language="en_US",
    issued=datetime(2026, 5, 1, 8, 30, tzinfo=UTC),
)


def key_of(recipient: str, revision: int = 1) -> DeliveryKey:
    """The key of April's email to a recipient."""
    return DeliveryKey("org-1", "month", "2026-04", recipient, revision)


def parsed(wire: bytes) -> EmailMessage:
    """The message as an email program parses it."""
    message = message_from_bytes(wire, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
