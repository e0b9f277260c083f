"""Send one message to one recipient over a real socket, as the SMTP tests do."""

from pathlib import Path

from reporter.delivery.channel import SendResult
from reporter.delivery.deliver import OutgoingMessage, prepare
from reporter.delivery.smtp.smtp_settings import Security, SmtpSettings
from reporter.delivery.smtp.transport import SmtpTransport
from reporter.domain.mailbox import read_mailbox
from tests.smtp_server import SmtpServer
from tests.unit.delivery.mails import MAIL, SENDER, key_of

CEO, CFO, CTO = "ceo@acme.example", "cfo@acme.example", "cto@acme.example"
PASSWORD = "s3cret"
LOGIN = ("reports", PASSWORD)


def plain(server: SmtpServer, timeout: float = 60) -> SmtpSettings:
    """Settings for a relay on this machine."""
    return SmtpSettings("127.0.0.1", server.port, Security.NONE, SENDER, timeout=timeout)


def encrypted(server: SmtpServer, security: Security, ca_file: Path | None, password: str = PASSWORD) -> SmtpSettings:
    """Settings for a server that requires a login over TLS."""
    return SmtpSettings("localhost", server.port, security, SENDER, None, LOGIN[0], password, ca_file, 60)


def message(recipient: str = CEO) -> OutgoingMessage:
    """April's email to one recipient."""
    return prepare(MAIL, key_of(recipient), "email.eml", sender=SENDER, to=read_mailbox(recipient))


def send(transport: SmtpTransport, recipient: str = CEO, wire: bytes | None = None) -> tuple[SendResult, int]:
    """The result of sending a message, and how often its final dot was committed."""
    commits: list[None] = []
    sent = transport.send(recipient, wire or message(recipient).wire, lambda: commits.append(None))
    return sent, len(commits)


def send_once(settings: SmtpSettings, wire: bytes | None = None) -> tuple[SendResult, int]:
    """The same on a connection of its own."""
    transport = SmtpTransport(settings)
    try:
        return send(transport, wire=wire)
    finally:
        transport.close()
