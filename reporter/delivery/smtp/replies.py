"""The meaning of a mail server's reply for a message and for the messages after it: RFC 5321 as a table.

before the dot   4xx, no reply, a lost connection  deferred: nothing was delivered, a later run retries
                 5xx                               failed; 552 to a recipient means 452 (RFC 5321, 4.5.3.1.10)
after the dot    2xx                               accepted
                 4xx, 5xx                          deferred, failed: the server did not accept the message
                 anything else, or nothing         unknown

The `Remedy` is what can be done in this run:

421, a lost connection, before the dot             reconnect and retry at once
432, 454, 4.3.2, at any stage                      slow down and retry
530, 534, 535, 538, 5.7.30, an untrusted server    stop: applies to every message
anything else                                      leave this message
"""

import re
import smtplib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.domain.strings import concealed, one_line, shortened

_LONGEST_REPLY = 300


class SmtpStage(StrEnum):
    """The stages of an SMTP exchange, as worded in error messages."""

    GREETING = "the connection"
    HELLO = "the greeting"
    ENCRYPTION = "the start of TLS"
    LOGIN = "the login"
    CHECK = "a command that does nothing"
    RESET = "the reset between two messages"
    SENDER = "the sender"
    RECIPIENT = "the recipient"
    DATA = "the announcement of the message"
    BODY = "the message"
    DOT = "the end of the message"


OPENING = {SmtpStage.GREETING, SmtpStage.HELLO, SmtpStage.ENCRYPTION, SmtpStage.LOGIN}

_ADVICE = {
    530: "set HYPERREP_SMTP_USERNAME and HYPERREP_SMTP_PASSWORD, and HYPERREP_SMTP_SECURITY to starttls or tls",
    534: "use an app password, or allow this account to log in with a password",
    535: "check HYPERREP_SMTP_USERNAME and HYPERREP_SMTP_PASSWORD; many providers want an app password",
    538: "set HYPERREP_SMTP_SECURITY to starttls or tls",
}
"""Authentication errors, which apply to every message, and their fixes."""

_NO_PASSWORDS = re.compile(r"\b5\.7\.30\b")
_NO_PASSWORDS_ADVICE = "this provider has turned passwords off: log in with tokens, see docs/delivery.md"
_OPENING_ADVICE = "check HYPERREP_SMTP_HOST, _PORT and _SECURITY, and whether the server accepts this machine"


_TOO_FAST = {432, 454}
"""Replies of Microsoft 365 and Amazon SES to a sender that exceeds their rate limits."""

_TOO_FAST_TEXT = re.compile(r"\b4\.3\.2\b")


class Remedy(Enum):
    """What can be done in this run about a message that was not accepted."""

    LEAVE = auto()
    RECONNECT = auto()
    SLOW_DOWN = auto()
    STOP = auto()
    """The error applies to every message."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply on one line, without control characters."""

    code: int
    text: str

    def __str__(self) -> str:
        return shortened(f"{self.code} {self.text}".strip(), _LONGEST_REPLY)


class MessageNotTaken(Exception):
    """An exchange that ended before anything can have been delivered, and what can be done about it now."""

    def __init__(self, sent: SendResult, remedy: Remedy = Remedy.LEAVE) -> None:
        super().__init__(sent.reply)
        self.sent = sent
        self.remedy = remedy


def read_reply(code: int, raw: bytes, secrets: Iterable[str] = ()) -> Reply:
    """The reply made safe to show: on one line, and with `secrets` removed in case a server repeats one."""
    return Reply(code, concealed(one_line(raw.decode("utf-8", "replace")), secrets))


def refused(stage: SmtpStage, reply: Reply, token_advice: str | None = None) -> MessageNotTaken:
    """The meaning of a reply other than the expected one; not for one that leaves the outcome unknown.

    `token_advice` is the fix for a login without a password.
    """
    advice = _advice(stage, reply)
    if advice:
        advice = token_advice or advice
        return stopped(f"the mail server refused {stage} ({reply}): {advice}")
    return MessageNotTaken(
        SendResult(_status(stage, reply.code), str(reply), stage not in OPENING), _remedy(stage, reply)
    )


def stopped(sentence: str) -> MessageNotTaken:
    """An error because of which this server accepts no message at all."""
    return MessageNotTaken(SendResult(DeliveryStatus.FAILED, sentence, attempted=False), Remedy.STOP)


def outcome(reply: Reply) -> SendResult:
    """The meaning of the reply to the final dot; raises MessageNotTaken if the server did not accept the message."""
    sent = SendResult(_status(SmtpStage.DOT, reply.code), str(reply))
    if sent.status in {DeliveryStatus.ACCEPTED, DeliveryStatus.UNKNOWN}:
        return sent
    raise refused(SmtpStage.DOT, reply)


def broken(stage: SmtpStage, error: Exception, seconds: float) -> MessageNotTaken:
    """The meaning of a connection error before the final dot."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = f"the mail server's certificate is not trusted ({one_line(error.verify_message)})"
        return stopped(f"{reason}: check HYPERREP_SMTP_HOST, or name the server's authority in HYPERREP_SMTP_CA_FILE")
    sent = SendResult(DeliveryStatus.DEFERRED, silence(stage, error, seconds), stage not in OPENING)
    is_worth_another = not is_timeout(error) and (stage not in OPENING or _hung_up(stage, error))
    return MessageNotTaken(sent, Remedy.RECONNECT if is_worth_another else Remedy.LEAVE)


def silence(stage: SmtpStage, error: Exception, seconds: float) -> str:
    """The error message for a missing reply after `seconds` of waiting."""
    if is_timeout(error):
        return f"the mail server did not answer {stage} within {seconds:g} seconds"
    return shortened(f"the mail server was lost at {stage}: {one_line(str(error))}", _LONGEST_REPLY)


def is_timeout(error: BaseException | None) -> bool:
    """Whether the cause was a timeout; smtplib reports one as a lost connection and keeps the cause as context."""
    return isinstance(error, TimeoutError) or (error is not None and is_timeout(error.__context__))


def _status(stage: SmtpStage, code: int) -> DeliveryStatus:
    if stage is SmtpStage.DOT and 200 <= code < 300:
        return DeliveryStatus.ACCEPTED
    if stage is SmtpStage.DOT and not 400 <= code < 600:
        return DeliveryStatus.UNKNOWN
    too_many_recipients = stage is SmtpStage.RECIPIENT and code == 552
    return DeliveryStatus.FAILED if 500 <= code < 600 and not too_many_recipients else DeliveryStatus.DEFERRED


def _advice(stage: SmtpStage, reply: Reply) -> str | None:
    """The fix for an error that applies to every message; None if it applies to this message only, or is temporary."""
    if not 500 <= reply.code < 600:
        return None
    if _NO_PASSWORDS.search(reply.text):
        return _NO_PASSWORDS_ADVICE
    login = _ADVICE[535] if stage is SmtpStage.LOGIN else None
    return _ADVICE.get(reply.code) or login or (_OPENING_ADVICE if stage in OPENING else None)


def _remedy(stage: SmtpStage, reply: Reply) -> Remedy:
    if reply.code == 421:  # the server just received the whole message, and may not want it again at once
        return Remedy.LEAVE if stage is SmtpStage.DOT else Remedy.RECONNECT
    is_too_fast = reply.code in _TOO_FAST or (400 <= reply.code < 500 and _TOO_FAST_TEXT.search(reply.text))
    return Remedy.SLOW_DOWN if is_too_fast else Remedy.LEAVE


def _hung_up(stage: SmtpStage, error: Exception) -> bool:
    """Whether a reachable server hung up; during the login that may mean a rejection, so it is not retried."""
    gone = (smtplib.SMTPServerDisconnected, ConnectionResetError)
    return stage in {SmtpStage.GREETING, SmtpStage.HELLO} and isinstance(error, gone)
