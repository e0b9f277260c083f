"""The transport to a mail server: one connection for many messages, and a plain word about each of them."""

import re
import ssl
from collections.abc import Callable

from reporter.delivery.address import read_mailbox
from reporter.delivery.interface import DeliveryStatus, Sent
from reporter.delivery.smtp_replies import NotTaken
from reporter.delivery.smtp_session import Offer, SmtpSession
from reporter.delivery.smtp_settings import SmtpSettings
from reporter.errors import DeliveryError

_STRAY_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_VAIN_OPENINGS = 3
"""Connections in a row that may fail to open before the server counts as out of reach for the rest of a run."""


class SmtpTransport:
    """Hands mail to the server of `settings`; raises DeliveryError when the sender or `ca_file` is of no use.

    A connection is opened with the first message and kept. After a refusal that holds for every message (the login,
    the certificate), or when the server is out of reach, the rest is deferred without troubling the server, until
    `close`. A transport serves one thread at a time; several transports are independent of one another.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._sender = read_mailbox(settings.sender).address
        self._context = _verifying_context(settings)
        self._session: SmtpSession | None = None
        self._vain_openings = 0
        self._stopped: str | None = None

    @property
    def stopped(self) -> str | None:
        """Why nothing more is handed over in this run; None while there is hope."""
        return self._stopped

    def send(self, recipient: str, wire: bytes, on_commit: Callable[[], None]) -> Sent:
        """What became of the message. Only what `on_commit` raises is raised, and then nothing was delivered."""
        if self._stopped:
            return Sent(DeliveryStatus.DEFERRED, f"not sent, as no mail can be: {self._stopped}")
        if not wire.endswith(b"\r\n") or _STRAY_LINE_END.search(wire):
            return Sent(DeliveryStatus.FAILED, "the message has line ends other than CRLF: make it again")
        try:
            address = read_mailbox(recipient).address
        except DeliveryError as refused:
            return Sent(DeliveryStatus.FAILED, str(refused))
        return self._send(address, wire, on_commit)

    def try_out(self) -> Offer:
        """What the server offers, after a connection and a login of its own that sends nothing.

        Raises DeliveryError, whose sentence says what the server lacks or refused.
        """
        try:
            session = SmtpSession(self._settings, self._context)
            try:
                return session.try_out()
            finally:
                session.close()
        except NotTaken as end:
            raise DeliveryError(end.sent.reply) from end

    def close(self) -> None:
        """Take leave of the server and forget what it refused; the next message opens a new connection."""
        session, self._session = self._session, None
        if session:
            session.close()
        self._vain_openings, self._stopped = 0, None

    def _send(self, address: str, wire: bytes, on_commit: Callable[[], None]) -> Sent:
        try:
            try:
                return self._hand_over(address, wire, on_commit)
            except NotTaken as end:
                if not end.connection_lost:
                    raise
            return self._hand_over(address, wire, on_commit)
        except NotTaken as end:
            if end.for_all:
                self._stopped = end.sent.reply
            return end.sent

    def _hand_over(self, address: str, wire: bytes, on_commit: Callable[[], None]) -> Sent:
        session = self._kept() or self._opened()
        try:
            return session.transact(self._sender, address, wire, on_commit)
        finally:
            if session.is_in_order:
                self._session = session
            else:
                session.abandon()

    def _kept(self) -> SmtpSession | None:
        """The connection of the message before, if the server still answers on it."""
        session, self._session = self._session, None
        if session:
            try:
                session.reset()
            except NotTaken:
                session.abandon()
                return None
        return session

    def _opened(self) -> SmtpSession:
        try:
            session = SmtpSession(self._settings, self._context)
        except NotTaken as end:
            self._vain_openings += 1
            if self._vain_openings >= _VAIN_OPENINGS:
                self._stopped = end.sent.reply
            raise
        self._vain_openings = 0
        return session


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
