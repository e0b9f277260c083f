"""The transport to a mail server: a few connections for many messages, and a plain word about each of them."""

import re
import ssl
from collections.abc import Callable
from functools import cache

import structlog

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.delivery.rate_limiter import RateLimiter
from reporter.delivery.smtp.authentication import Authentication, password_of
from reporter.delivery.smtp.connection_pool import SmtpPool
from reporter.delivery.smtp.replies import MessageNotTaken, Remedy
from reporter.delivery.smtp.session import ServerOffer, SmtpSession
from reporter.delivery.smtp.smtp_settings import SmtpSettings
from reporter.domain.errors import DeliveryError
from reporter.domain.mailbox import read_mailbox

_log = structlog.get_logger(__name__)

_STRAY_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")

_PAUSES = (5.0, 20.0, 60.0)
"""Seconds to send nothing, on any connection, after a server has said for the first, second and third time of one
message that we are too fast; then the message is left for the next run."""


class SmtpTransport:
    """Hands mail to the server of `settings`; raises DeliveryError when the sender or `ca_file` is of no use.

    Connections are opened as messages need them and kept; threads that are more than the connections wait. After a
    refusal that holds for every message (the login, the certificate), or when the server is out of reach, the rest is
    not sent, without troubling the server, until `close`. `pace` is that of the settings unless given, and so is a
    login with a password; for tokens, `authentication` is what `authentication_of` makes of the settings.
    """

    def __init__(
        self, settings: SmtpSettings, pace: RateLimiter | None = None, authentication: Authentication | None = None
    ) -> None:
        self._settings = settings
        self._authentication = authentication or password_of(settings)
        self._sender = read_mailbox(settings.sender).address
        self._context = _verifying_context(settings)
        self._pace = pace or RateLimiter(settings.messages_per_minute)
        self._pool = SmtpPool(self._opened, settings.connections, settings.messages_per_connection, self._pace)

    @property
    def connections(self) -> int:
        """How many messages it can be handing over at the same time."""
        return self._settings.connections

    def send(self, recipient: str, wire: bytes, on_commit: Callable[[], None]) -> SendResult:
        """What became of the message. Only what `on_commit` raises is raised, and then nothing was delivered."""
        if not wire.endswith(b"\r\n") or _STRAY_LINE_END.search(wire):
            return SendResult(DeliveryStatus.FAILED, "the message has line ends other than CRLF: make it again")
        try:
            address = read_mailbox(recipient).address
        except DeliveryError as refused:
            return SendResult(DeliveryStatus.FAILED, str(refused))
        return self._send(address, wire, on_commit)

    def try_out(self) -> ServerOffer:
        """What the server offers, after a connection and a login of its own that sends nothing.

        Raises DeliveryError, whose sentence says what the server lacks or refused.
        """
        try:
            session = self._opened()
            try:
                return session.try_out()
            finally:
                session.close()
        except MessageNotTaken as end:
            raise DeliveryError(end.sent.reply) from end

    def close(self) -> None:
        """Take leave of the server and forget what it refused; the next message opens a new connection."""
        self._pool.close()

    def _opened(self) -> SmtpSession:
        return SmtpSession(self._settings, self._context, self._authentication)

    def _send(self, address: str, wire: bytes, on_commit: Callable[[], None]) -> SendResult:
        """Hand the message over: once more on another connection, and a few times more slowly, where that may help."""
        reconnections, pauses = [0.0], list(_PAUSES)
        commit_once = cache(on_commit)  # a refusal after the dot leaves the note as it is: it can still be sent
        while True:
            try:
                with self._pool.session() as session:
                    return session.transact(self._sender, address, wire, commit_once)
            except MessageNotTaken as end:
                remedies = {Remedy.RECONNECT: reconnections, Remedy.SLOW_DOWN: pauses}.get(end.remedy)
                if not remedies:
                    return end.sent
                _log.info("delivery again", remedy=end.remedy.name, pause=remedies[0])
                self._pace.pause(remedies.pop(0))


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
