"""What a mail server's answer means for a message, and for the messages after it: RFC 5321 read as a table.

before the dot   4xx, silence, a lost connection   deferred: nothing was delivered, a later run tries again
                 5xx                               failed; 552 to a recipient means 452 (RFC 5321, 4.5.3.1.10)
after the dot    2xx                               accepted
                 4xx, 5xx                          deferred, failed: the server left the message with us
                 anything else, or nothing         unknown
"""

import re
import ssl
from dataclasses import dataclass
from enum import StrEnum

from reporter.delivery.interface import DeliveryStatus, Sent
from reporter.delivery.line import one_line, shortened

_LONGEST_REPLY = 300


class Stage(StrEnum):
    """Where an exchange with a mail server is, in the words of a sentence."""

    GREETING = "the connection"
    HELLO = "the greeting"
    ENCRYPTION = "the start of TLS"
    LOGIN = "the login"
    TRIAL = "a command that does nothing"
    RESET = "the reset between two messages"
    SENDER = "the sender"
    RECIPIENT = "the recipient"
    DATA = "the announcement of the message"
    BODY = "the message"
    DOT = "the end of the message"


_OPENING = {Stage.GREETING, Stage.HELLO, Stage.ENCRYPTION, Stage.LOGIN}

_ADVICE = {
    530: "set HYPERREP_SMTP_USERNAME and HYPERREP_SMTP_PASSWORD, and HYPERREP_SMTP_SECURITY to starttls or tls",
    534: "use an app password, or allow this account to log in with a password",
    535: "check HYPERREP_SMTP_USERNAME and HYPERREP_SMTP_PASSWORD; many providers want an app password",
    538: "set HYPERREP_SMTP_SECURITY to starttls or tls",
}
"""Refusals of who we are, whatever the message, and how to mend them."""

_NO_PASSWORDS = re.compile(r"\b5\.7\.30\b")
_NO_PASSWORDS_ADVICE = "this provider has switched passwords off: send through a relay that takes one"
_OPENING_ADVICE = "check HYPERREP_SMTP_HOST, _PORT and _SECURITY, and whether the server takes mail from this machine"


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer on one line, without controls."""

    code: int
    text: str

    def __str__(self) -> str:
        return shortened(f"{self.code} {self.text}".strip(), _LONGEST_REPLY)


class NotTaken(Exception):
    """An exchange that ended while nothing can have been delivered.

    `connection_lost` when another connection may do better at once; `for_all` when it holds for every message.
    """

    def __init__(self, sent: Sent, *, connection_lost: bool = False, for_all: bool = False) -> None:
        super().__init__(sent.reply)
        self.sent = sent
        self.connection_lost = connection_lost
        self.for_all = for_all


def read_reply(code: int, raw: bytes, secret: str = "") -> Reply:
    """The reply made safe to show: one line, and without `secret` should a server repeat it."""
    text = one_line(raw.decode("utf-8", "replace"))
    return Reply(code, text.replace(secret, "…") if secret else text)


def refused(stage: Stage, reply: Reply) -> NotTaken:
    """What a reply other than the hoped-for one means before the dot."""
    sent = outcome(stage, reply)
    advice = _advice(stage, reply)
    if advice:
        sent = Sent(sent.status, f"the mail server refused {stage} ({reply}): {advice}")
    return NotTaken(sent, connection_lost=reply.code == 421, for_all=advice is not None)


def outcome(stage: Stage, reply: Reply) -> Sent:
    """What a reply says about the message."""
    return Sent(_status(stage, reply.code), str(reply))


def broken(stage: Stage, error: Exception, seconds: float) -> NotTaken:
    """What it means before the dot that the connection failed instead of bringing a reply."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = f"the mail server's certificate is not to be trusted ({one_line(error.verify_message)})"
        advice = "check HYPERREP_SMTP_HOST, or name the server's authority in HYPERREP_SMTP_CA_FILE"
        return NotTaken(Sent(DeliveryStatus.FAILED, f"{reason}: {advice}"), for_all=True)
    lost = stage not in {Stage.GREETING, Stage.ENCRYPTION, Stage.LOGIN} and not is_timeout(error)
    return NotTaken(Sent(DeliveryStatus.DEFERRED, silence(stage, error, seconds)), connection_lost=lost)


def silence(stage: Stage, error: Exception, seconds: float) -> str:
    """A sentence for the lack of a reply; `seconds` is how long one was waited for."""
    if is_timeout(error):
        return f"the mail server did not answer {stage} within {seconds:g} seconds"
    return shortened(f"the mail server was lost at {stage}: {one_line(str(error))}", _LONGEST_REPLY)


def is_timeout(error: BaseException | None) -> bool:
    """Whether waiting was the trouble; smtplib reports that as a lost connection and keeps the cause as context."""
    return isinstance(error, TimeoutError) or (error is not None and is_timeout(error.__context__))


def _status(stage: Stage, code: int) -> DeliveryStatus:
    if stage is Stage.DOT and 200 <= code < 300:
        return DeliveryStatus.ACCEPTED
    if stage is Stage.DOT and not 400 <= code < 600:
        return DeliveryStatus.UNKNOWN
    too_many_recipients = stage is Stage.RECIPIENT and code == 552
    return DeliveryStatus.FAILED if 500 <= code < 600 and not too_many_recipients else DeliveryStatus.DEFERRED


def _advice(stage: Stage, reply: Reply) -> str | None:
    """How to mend a refusal that holds for every message; None for one that is about this message, or passes."""
    if not 500 <= reply.code < 600:
        return None
    if _NO_PASSWORDS.search(reply.text):
        return _NO_PASSWORDS_ADVICE
    login = _ADVICE[535] if stage is Stage.LOGIN else None
    return _ADVICE.get(reply.code) or login or (_OPENING_ADVICE if stage in _OPENING else None)
