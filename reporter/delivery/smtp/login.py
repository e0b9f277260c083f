"""The SMTP login, line by line (RFC 4954), and the server's reason if it rejects one."""

import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import replace

from reporter.delivery.smtp.authentication import Credentials
from reporter.delivery.smtp.replies import MessageNotTaken, Reply, SmtpStage, refused
from reporter.domain.strings import concealed, one_line, shortened

_LONGEST_STATUS = 60
_REFUSED = 535


class LoginRefused(MessageNotTaken):
    """The server rejected these credentials; others may work."""

    def __init__(self, end: MessageNotTaken, credentials: Credentials) -> None:
        super().__init__(end.sent, end.remedy)
        self.credentials = credentials


def log_in(credentials: Credentials, offered: Sequence[str], say: Callable[[str], Reply]) -> None:
    """Log in by a mechanism that the server offers; `say` sends a line and returns the reply.

    Raises MessageNotTaken, or its subclass LoginRefused if the credentials are rejected.
    """
    *first, last = credentials.lines(offered)
    for line in first:
        reply = say(line)
        if reply.code != 334:
            raise _refusal(reply, credentials)
    reply = say(last)
    if reply.code == 334:  # XOAUTH2 reports the reason for a rejection in one more challenge
        reply = _explained(say(""), reply, credentials)
    if not 200 <= reply.code < 300:
        raise _refusal(reply, credentials)


def _refusal(reply: Reply, credentials: Credentials) -> MessageNotTaken:
    end = refused(SmtpStage.LOGIN, reply, credentials.advice)
    return LoginRefused(end, credentials) if reply.code == _REFUSED else end


def _explained(reply: Reply, challenge: Reply, credentials: Credentials) -> Reply:
    """The reply, extended by the status in the preceding challenge."""
    status = _status(challenge.text)
    if not status:
        return reply
    return replace(reply, text=f"{reply.text}; status {concealed(status, credentials.secrets)}")


def _status(challenge: str) -> str:
    """The `status` in the JSON of an XOAUTH2 challenge; empty if there is none."""
    try:
        found = json.loads(b64decode(challenge, validate=True))
    except (ValueError, RecursionError):
        return ""
    status = found.get("status") if isinstance(found, dict) else None
    return shortened(one_line(str(status)), _LONGEST_STATUS) if isinstance(status, str | int) else ""
