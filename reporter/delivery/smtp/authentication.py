"""SMTP authentication (RFC 4954): an account with a password, or a mailbox with an OAuth token.

settings ─ authentication_of ─▶ Authentication ─ credentials ─▶ the Credentials of one login ─ log_in ─▶ a server
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.delivery.oauth.token_source import NoToken, TokenSource
from reporter.delivery.smtp.replies import MessageNotTaken, Reply, SmtpStage, refused, stopped
from reporter.delivery.smtp.smtp_settings import GoogleServiceAccount, MicrosoftApplication, SmtpSettings, TokenCommand
from reporter.domain.strings import concealed, one_line, shortened

_MARGIN = timedelta(minutes=1)
"""A token is not used in the last minute of its lifetime, so that it is still valid during the login."""

_LONGEST_STATUS = 60
_REJECTED = 535


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of one login: an account and its password, or a mailbox and a token.

    `token_advice` is the fix if a token is rejected; None for a password, whose reply codes explain themselves.
    """

    user: str
    secret: str = field(repr=False)
    token_advice: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The strings that no reply or error may show, in every form in which they are sent."""
        return self.secret, _base64(self.secret), self._initial()

    def lines(self, offered: Sequence[str]) -> tuple[str, ...]:
        """The client's lines of the login, by one mechanism. Raises MessageNotTaken if none of ours is offered."""
        if self.token_advice and "XOAUTH2" in offered:
            return (f"AUTH XOAUTH2 {self._initial()}",)
        names = ", ".join(offered) or "none at all"
        if self.token_advice:
            advice = "check HYPERREP_SMTP_HOST and _PORT, or log in with a password"
            raise stopped(f"the mail server offers no login with a token, XOAUTH2 ({names}): {advice}")
        if "PLAIN" in offered:
            return (f"AUTH PLAIN {self._initial()}",)
        if "LOGIN" in offered:
            return "AUTH LOGIN", _base64(self.user), _base64(self.secret)
        advice = "send through a server that takes PLAIN or LOGIN, or unset HYPERREP_SMTP_USERNAME"
        raise stopped(f"the mail server offers no login with a password ({names}): {advice}")

    def _initial(self) -> str:
        if self.token_advice:
            return _base64(f"user={self.user}\1auth=Bearer {self.secret}\1\1")
        return _base64(f"\0{self.user}\0{self.secret}")


@dataclass(frozen=True, slots=True)
class PasswordAuthentication:
    """An account with a password, the same for every login: rejections count against the account."""

    known: Credentials

    def credentials(self) -> Credentials:
        """The credentials, which never change."""
        return self.known

    def forget(self, rejected: Credentials) -> bool:  # noqa: ARG002 - there is only one set
        """Return False, as there are no other credentials."""
        return False


class TokenAuthentication:
    """A mailbox with tokens from one source; thread-safe.

    A token is reused until shortly before it expires or until it is rejected.
    """

    def __init__(self, mailbox: str, source: TokenSource, clock: Callable[[], datetime]) -> None:
        self._mailbox = mailbox
        self._source = source
        self._clock = clock
        self._lock = Lock()
        self._cached: Credentials | None = None
        self._valid_until = clock()

    def credentials(self) -> Credentials:
        """The mailbox with the cached token, or a new one. Raises MessageNotTaken if there is none.

        Concurrent logins wait for the same token.
        """
        with self._lock:
            now = self._clock()
            if self._cached is None or now >= self._valid_until:
                try:
                    token = self._source.fetch()
                except NoToken as error:
                    raise _without_token(error) from error
                self._cached = Credentials(self._mailbox, token.text, self._source.advice)
                self._valid_until = now + token.lifetime - _MARGIN
            return self._cached

    def forget(self, rejected: Credentials) -> bool:
        """Drop the rejected token, unless another login has replaced it already; the next one is new."""
        with self._lock:
            if self._cached == rejected:
                self._cached = None
        return True


Authentication = PasswordAuthentication | TokenAuthentication
"""Provides the credentials of each login; `forget` returns whether there are others after a rejection."""


class LoginRefused(MessageNotTaken):
    """The server rejected these credentials; others may work."""

    def __init__(self, end: MessageNotTaken, credentials: Credentials) -> None:
        super().__init__(end.sent, end.remedy)
        self.credentials = credentials


def authentication_of(settings: SmtpSettings, clock: Callable[[], datetime]) -> Authentication | None:
    """The authentication that the settings ask for, or None; `clock` is used to expire tokens."""
    if settings.tokens:
        mailbox = settings.username or settings.sender.address
        return TokenAuthentication(mailbox, _source(settings.tokens, mailbox, clock), clock)
    if settings.username and settings.password:
        return PasswordAuthentication(Credentials(settings.username, settings.password))
    return None


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
        status = _status(reply.text)
        reply = say("")
        if status:
            reply = replace(reply, text=f"{reply.text}; status {concealed(status, credentials.secrets)}")
    if not 200 <= reply.code < 300:
        raise _refusal(reply, credentials)


def _refusal(reply: Reply, credentials: Credentials) -> MessageNotTaken:
    end = refused(SmtpStage.LOGIN, reply, credentials.token_advice)
    return LoginRefused(end, credentials) if reply.code == _REJECTED else end


def _status(challenge: str) -> str:
    """The `status` in the JSON of an XOAUTH2 challenge; empty if there is none."""
    try:
        found = json.loads(b64decode(challenge, validate=True))
    except (ValueError, RecursionError):
        return ""
    status = found.get("status") if isinstance(found, dict) else None
    return shortened(one_line(str(status)), _LONGEST_STATUS) if isinstance(status, str | int) else ""


def _without_token(error: NoToken) -> MessageNotTaken:
    if not error.is_temporary:
        return stopped(str(error))
    return MessageNotTaken(SendResult(DeliveryStatus.DEFERRED, str(error), attempted=False))


def _source(
    tokens: TokenCommand | MicrosoftApplication | GoogleServiceAccount, mailbox: str, clock: Callable[[], datetime]
) -> TokenSource:
    """The token source for these settings; its module is slow to import, so it is loaded only if used."""
    if isinstance(tokens, TokenCommand):
        from reporter.delivery.oauth.token_command import CommandTokens  # noqa: PLC0415

        return CommandTokens(tokens)
    from reporter.delivery.oauth.application_tokens import GoogleTokens, MicrosoftTokens  # noqa: PLC0415

    if isinstance(tokens, MicrosoftApplication):
        return MicrosoftTokens(tokens, clock)
    return GoogleTokens(tokens, mailbox, clock)


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")
