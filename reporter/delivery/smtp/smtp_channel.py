"""The SMTP channel: a few connections for many messages, and a clear result for each."""

import re
import ssl
from collections.abc import Callable
from datetime import datetime
from functools import cache

import structlog

from reporter.delivery.channel import DeliveryStatus, Email, SendResult
from reporter.delivery.smtp.authentication import authentication_of
from reporter.delivery.smtp.connection_pool import RateLimiter, SmtpPool
from reporter.delivery.smtp.replies import MessageNotTaken, Remedy
from reporter.delivery.smtp.session import ServerOffer, SmtpSession
from reporter.delivery.smtp.smtp_settings import SmtpSettings
from reporter.domain.errors import DeliveryError
from reporter.domain.mailbox import read_mailbox

_log = structlog.get_logger(__name__)

_STRAY_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")

_PAUSES = (5.0, 20.0, 60.0)
"""Seconds without sending, on any connection, after a server has limited our rate for the first, second, and third time
for one message; then the message is left for the next run."""


class SmtpChannel:
    """Sends emails through the server of `settings`; raises DeliveryError if `ca_file` is invalid.

    Connections are opened as needed and kept; surplus threads wait for one. After an error that applies to every
    message (the login, the certificate), or when the server is unreachable, the rest is not sent, without contacting
    the server, until `close`. `clock` is used to expire tokens.
    """

    def __init__(
        self, settings: SmtpSettings, clock: Callable[[], datetime], rate_limiter: RateLimiter | None = None
    ) -> None:
        self._settings = settings
        self._authentication = authentication_of(settings, clock)
        self._sender = settings.sender.address
        self._context = _verifying_context(settings)
        self._rate_limiter = rate_limiter or RateLimiter(settings.messages_per_minute)
        self._pool = SmtpPool(self.connect, settings.connections, settings.messages_per_connection, self._rate_limiter)

    def send(self, message: Email, on_commit: Callable[[], None]) -> SendResult:
        """Send the email and return the result. Raises only what `on_commit` raises; then nothing was delivered."""
        if not message.wire.endswith(b"\r\n") or _STRAY_LINE_END.search(message.wire):
            return SendResult(DeliveryStatus.FAILED, "the email has line ends other than CRLF: render it again")
        try:
            address = read_mailbox(message.recipient).address
        except DeliveryError as error:
            return SendResult(DeliveryStatus.FAILED, str(error))
        return self._send(address, message.wire, on_commit)

    def close(self) -> None:
        """Close all connections and forget earlier errors; the next message opens a new connection."""
        self._pool.close()

    def check(self) -> ServerOffer:
        """Connect and log in without sending a message, and return what the server offers.

        Raises DeliveryError, whose message says what the server lacks or rejected.
        """
        try:
            session = self.connect()
            try:
                return session.check()
            finally:
                session.close()
        except MessageNotTaken as end:
            raise DeliveryError(end.sent.reply) from end

    def connect(self) -> SmtpSession:
        """A new session, apart from the pool. Raises MessageNotTaken."""
        return SmtpSession(self._settings, self._context, self._authentication)

    def _send(self, address: str, wire: bytes, on_commit: Callable[[], None]) -> SendResult:
        """Send the message; reconnect once, and slow down a few times, where that may help."""
        delays = {Remedy.RECONNECT: [0.0], Remedy.SLOW_DOWN: list(_PAUSES)}
        commit_once = cache(on_commit)  # after a rejected dot the commit still holds: the message can be sent again
        while True:
            try:
                with self._pool.session() as session:
                    return session.transact(self._sender, address, wire, commit_once)
            except MessageNotTaken as end:
                if not delays.get(end.remedy):
                    return end.sent
                delay = delays[end.remedy].pop(0)
                _log.info("delivery.retried", remedy=end.remedy.name, delay=delay)
                self._rate_limiter.pause(delay)


def _verifying_context(settings: SmtpSettings) -> ssl.SSLContext:
    """TLS 1.2 or later with the server's certificate and name verified."""
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        reason = error.strerror or str(error)
        sentence = (
            f"HYPERREP_SMTP_CA_FILE {settings.ca_file} cannot be used ({reason}): name a PEM file of certificates"
        )
        raise DeliveryError(sentence) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
