"""One SMTP connection, taken through RFC 5321 stage by stage, so that it is known where an exchange ended.

smtplib's `sendmail` raises the same error for a connection lost before the final dot, when nothing was delivered, and
after it, when delivery is uncertain. Here MessageNotTaken means not delivered; any other result is a `SendResult`.
"""

import ipaddress
import re
import selectors
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.delivery.smtp.authentication import Authentication, LoginRefused, log_in
from reporter.delivery.smtp.bounded_client import BoundedClient, BoundedTlsClient
from reporter.delivery.smtp.replies import (
    MessageNotTaken,
    Reply,
    SmtpStage,
    broken,
    outcome,
    read_reply,
    refused,
    silence,
    stopped,
)
from reporter.delivery.smtp.smtp_settings import Security, SmtpSettings

_log = structlog.get_logger(__name__)

_CHUNK = 64 * 1024
"""Size in bytes of the pieces in which the body is sent, as a socket timeout covers a whole call."""

_SHARE = {SmtpStage.RESET: 0.1, SmtpStage.DATA: 0.4, SmtpStage.BODY: 0.6, SmtpStage.DOT: 2.0}
"""Timeouts of these stages relative to the others: 120, 180, and 600 seconds to 300 in RFC 5321, 4.5.3.2.

The reset only checks whether an idle connection is still open; a new one is opened quickly.
"""

_QUIT_TIMEOUT = 5.0
"""Seconds to wait for the reply to QUIT, which no longer matters."""

_PLACEHOLDER = "localhost"
"""Our name for smtplib until the connection's own address is known; without one it queries the DNS."""

_MESSAGE_ID = re.compile(rb"^message-id: *<([!-*,-<>-~]{1,100})>\r$", re.IGNORECASE | re.MULTILINE)
"""An ID that fits into ENVID verbatim: RFC 3461 requires `+` and `=` to be encoded and limits it to 100 characters."""


@dataclass(frozen=True, slots=True)
class ServerOffer:
    """What a server offers: TLS version, None if unencrypted; maximum message size in bytes, None if unknown."""

    tls: str | None
    size_limit: int | None


class SmtpSession:
    """A connection that is greeted, encrypted, and logged in; raises MessageNotTaken if any of that fails.

    After a rejected login it is opened once more, if `authentication` has other credentials.
    """

    def __init__(
        self, settings: SmtpSettings, context: ssl.SSLContext, authentication: Authentication | None = None
    ) -> None:
        self._settings = settings
        self._secrets: tuple[str, ...] = ()
        self._inside_message = False
        self.messages = 0
        """The number of messages started on this connection."""
        try:
            self._open(context, authentication)
        except LoginRefused as refusal:
            if authentication is None or not authentication.forget(refusal.credentials):
                raise
            _log.info("login.retried", reason=str(refusal))
            self._open(context, authentication)

    @property
    def is_in_order(self) -> bool:
        """Whether another message can be sent on this connection."""
        return self._client.sock is not None and not self._inside_message

    def transact(self, sender: str, recipient: str, wire: bytes, on_commit: Callable[[], None]) -> SendResult:
        """Send one message, and call `on_commit` before its final dot.

        Raises MessageNotTaken if the message was not delivered, whatever the cause. Raises what `on_commit` raises;
        then the connection cannot be used again.
        """
        self.messages += 1
        offered = self._client.esmtp_features
        self._command(SmtpStage.SENDER, mail_from(sender, wire, offered))
        self._command(SmtpStage.RECIPIENT, rcpt_to(recipient, offered))
        self._command(SmtpStage.DATA, "DATA", 354)
        self._inside_message = True
        self._send_body(wire)
        on_commit()
        return self._send_dot()

    def check(self) -> ServerOffer:
        """What the server offers, after it has replied to NOOP; raises MessageNotTaken."""
        self._command(SmtpStage.CHECK, "NOOP")
        connection = self._client.opened()
        tls = connection.version() if isinstance(connection, ssl.SSLSocket) else None
        return ServerOffer(tls, size_limit(self._client.esmtp_features))

    def reset(self) -> None:
        """Prepare for another message, and check that the server is still there."""
        self._command(SmtpStage.RESET, "RSET")

    def close(self) -> None:
        """Send QUIT and close the connection."""
        with suppress(OSError, smtplib.SMTPException):
            self._wait_at_most(min(_QUIT_TIMEOUT, self._settings.timeout))
            self._client.quit()
        self.abandon()

    def abandon(self) -> None:
        """Drop the connection; before the final dot, nothing is delivered then."""
        self._client.close()

    def _open(self, context: ssl.SSLContext, authentication: Authentication | None) -> None:
        """Connect, encrypt, and log in; the credentials come first, so that no server is kept waiting for them."""
        credentials = authentication.credentials() if authentication else None
        self._secrets = credentials.secrets if credentials else ()
        self._client = self._connected(context)
        try:
            self._prepare(context)
            if credentials:
                offered = self._client.esmtp_features.get("auth", "").upper().split()
                log_in(credentials, offered, lambda line: self._ask(SmtpStage.LOGIN, lambda: self._client.docmd(line)))
        except BaseException:
            self.abandon()
            raise

    def _connected(self, context: ssl.SSLContext) -> BoundedClient:
        host, port, timeout = self._settings.host, self._settings.port, self._seconds(SmtpStage.GREETING)
        with self._translated(SmtpStage.GREETING):
            if self._settings.security is Security.TLS:
                return BoundedTlsClient(host, port, _PLACEHOLDER, timeout=timeout, context=context)
            return BoundedClient(host, port, _PLACEHOLDER, timeout=timeout)

    def _prepare(self, context: ssl.SSLContext) -> None:
        with self._translated(SmtpStage.GREETING):
            connection = self._client.opened()
            # Otherwise the final dot waits for the acknowledgment of the previous packet, 40 ms per message.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client.local_hostname = _address_literal(connection)
        self._expect(SmtpStage.HELLO, self._client.ehlo)
        if self._settings.security is Security.STARTTLS:
            self._encrypt(context)
            self._expect(SmtpStage.HELLO, self._client.ehlo)

    def _encrypt(self, context: ssl.SSLContext) -> None:
        if not self._client.has_extn("starttls"):
            advice = "use its TLS port with HYPERREP_SMTP_SECURITY=tls, or fix the server"
            raise stopped(f"the mail server offers no STARTTLS, so nothing was sent to it: {advice}")
        self._expect(SmtpStage.ENCRYPTION, lambda: self._client.starttls(context=context), 220)

    def _send_body(self, wire: bytes) -> None:
        stuffed = (b"\r\n" + wire).replace(b"\r\n.", b"\r\n..")[2:]
        with self._translated(SmtpStage.BODY):
            self._wait_at_most(self._seconds(SmtpStage.BODY))
            for start in range(0, len(stuffed), _CHUNK):
                self._client.send(stuffed[start : start + _CHUNK])
        if self._has_replied():  # a server that replies before the dot has rejected the message
            self._expect(SmtpStage.BODY, self._client.getreply)
            raise broken(SmtpStage.BODY, smtplib.SMTPServerDisconnected("it answered before the end of the message"), 0)

    def _send_dot(self) -> SendResult:
        seconds = self._seconds(SmtpStage.DOT)
        try:
            self._wait_at_most(seconds)
            self._client.send(b".\r\n")
            reply = read_reply(*self._client.getreply(), self._secrets)
        except (OSError, smtplib.SMTPException) as error:
            self.abandon()
            return SendResult(DeliveryStatus.UNKNOWN, silence(SmtpStage.DOT, error, seconds))
        self._inside_message = reply.code // 100 not in {2, 4, 5}
        self._leave_after(reply.code)
        return outcome(reply)

    def _leave_after(self, code: int) -> None:
        """Drop a connection that the server closes, or on which its replies no longer make sense."""
        if code == 421 or code not in range(200, 600):
            self.abandon()

    def _command(self, stage: SmtpStage, command: str, wanted: int = 250) -> None:
        self._expect(stage, lambda: self._client.docmd(command), wanted)

    def _expect(self, stage: SmtpStage, ask: Callable[[], tuple[int, bytes]], wanted: int = 250) -> None:
        """Send a command, and raise MessageNotTaken unless the reply is as expected."""
        reply = self._ask(stage, ask)
        if reply.code // 100 != wanted // 100 or (wanted // 100 == 3 and reply.code != wanted):
            raise refused(stage, reply)

    def _ask(self, stage: SmtpStage, ask: Callable[[], tuple[int, bytes]]) -> Reply:
        """The reply, within the stage's timeout; raises MessageNotTaken if none comes."""
        with self._translated(stage):
            self._wait_at_most(self._seconds(stage))
            code, text = ask()
        self._leave_after(code)
        return read_reply(code, text, self._secrets)

    @contextmanager
    def _translated(self, stage: SmtpStage) -> Iterator[None]:
        """Translate smtplib's errors to MessageNotTaken; none of them leaves this file."""
        try:
            yield
        except (smtplib.SMTPConnectError, smtplib.SMTPResponseException) as error:
            raw = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
            raise refused(stage, read_reply(error.smtp_code, raw)) from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise broken(stage, error, self._seconds(stage)) from error

    def _has_replied(self) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._client.opened(), selectors.EVENT_READ)
            return bool(selector.select(0))

    def _seconds(self, stage: SmtpStage) -> float:
        return self._settings.timeout * _SHARE.get(stage, 1.0)

    def _wait_at_most(self, seconds: float) -> None:
        self._client.opened().settimeout(seconds)


def _address_literal(connection: socket.socket) -> str:
    """This machine's name for EHLO: its address on this connection, as no host name is certain to be right."""
    address = ipaddress.ip_address(connection.getsockname()[0].partition("%")[0])
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"


def mail_from(sender: str, wire: bytes, offered: Mapping[str, str]) -> str:
    """The `MAIL FROM` command, with the size and a request for failure notifications without the message.

    `offered` maps the extensions in the server's EHLO reply, in lower case, to their parameters. Raises
    MessageNotTaken if the message is larger than the server accepts.
    """
    command = f"MAIL FROM:<{sender}>"
    if "size" in offered:
        limit = size_limit(offered)
        if limit and limit < len(wire):
            sentence = f"the message has {len(wire)} bytes and the mail server takes at most {limit}: raise its limit"
            raise MessageNotTaken(SendResult(DeliveryStatus.FAILED, sentence))
        command += f" SIZE={len(wire)}"
    identity = _MESSAGE_ID.search(wire.partition(b"\r\n\r\n")[0] + b"\r\n")
    if "dsn" in offered and identity:
        command += f" RET=HDRS ENVID={identity[1].decode('ascii')}"
    return command


def rcpt_to(recipient: str, offered: Mapping[str, str]) -> str:
    """The `RCPT TO` command, with a request for notifications of failure and delay, but not of success."""
    return f"RCPT TO:<{recipient}>" + (" NOTIFY=FAILURE,DELAY" if "dsn" in offered else "")


def size_limit(offered: Mapping[str, str]) -> int | None:
    """The maximum message size in bytes; None if the server does not state it, or states 0 for no limit."""
    limit = offered.get("size", "").partition(" ")[0]
    return int(limit) or None if limit.isdecimal() else None
