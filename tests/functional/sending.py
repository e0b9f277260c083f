"""Send one email to one recipient over a real socket, as the SMTP tests do."""

from datetime import UTC, datetime
from pathlib import Path

from reporter.delivery.channel import Email, SendResult
from reporter.delivery.message import OutgoingMessage, prepare
from reporter.delivery.smtp.connection_pool import RateLimiter
from reporter.delivery.smtp.smtp_channel import SmtpChannel
from reporter.delivery.smtp.smtp_settings import Security, SmtpSettings
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


def smtp_channel(settings: SmtpSettings, rate_limiter: RateLimiter | None = None) -> SmtpChannel:
    """The channel to a server, with this machine's clock."""
    return SmtpChannel(settings, lambda: datetime.now(UTC), rate_limiter)


def send(channel: SmtpChannel, recipient: str = CEO, wire: bytes | None = None) -> tuple[SendResult, int]:
    """The result of sending a message, and how often its final dot was committed."""
    commits: list[None] = []
    sent = channel.send(Email(recipient, wire or message(recipient).wire), lambda: commits.append(None))
    return sent, len(commits)


def send_once(settings: SmtpSettings, wire: bytes | None = None) -> tuple[SendResult, int]:
    """The same on a connection of its own."""
    channel = smtp_channel(settings)
    try:
        return send(channel, wire=wire)
    finally:
        channel.close()
