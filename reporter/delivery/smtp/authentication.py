"""SMTP authentication: none, an account with a password, or a mailbox with an OAuth token.

settings ─ authentication_of ─▶ Authentication ─ credentials ─▶ the credentials of one login ─ log_in ─▶ a server
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.delivery.oauth.token_source import NoToken, Token, TokenSource
from reporter.delivery.smtp.replies import MessageNotTaken, stopped
from reporter.delivery.smtp.smtp_settings import GoogleServiceAccount, MicrosoftApplication, SmtpSettings, TokenCommand

_MARGIN = timedelta(minutes=1)
"""A token is not used in the last minute of its lifetime, so that it is still valid during the login."""


class Credentials(Protocol):
    """The credentials of one login."""

    @property
    def advice(self) -> str | None:
        """The fix if they are rejected; None where the reply code explains it best."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """The strings that no reply or error may show, in every form in which they are sent."""
        ...

    def lines(self, offered: Sequence[str]) -> tuple[str, ...]:
        """The client's lines of the login, by one mechanism. Raises MessageNotTaken if none of ours is offered."""
        ...


class Authentication(Protocol):
    """Provides the credentials of each login; thread-safe."""

    def credentials(self) -> Credentials:
        """The credentials to use now. Raises MessageNotTaken if there are none."""
        ...

    def forget(self, refused: Credentials) -> bool:
        """Discard rejected credentials; return whether there are others, so that another login is worthwhile."""
        ...


def authentication_of(settings: SmtpSettings, clock: Callable[[], datetime]) -> Authentication | None:
    """The authentication that the settings ask for, or None; `clock` is used to expire tokens."""
    if settings.tokens:
        mailbox = settings.username or settings.sender.address
        return TokenAuthentication(mailbox, _source(settings.tokens, mailbox, clock), clock)
    return password_of(settings)


def password_of(settings: SmtpSettings) -> "Password | None":
    """The password login, if the settings have one."""
    if settings.username and settings.password:
        return Password(settings.username, settings.password)
    return None


@dataclass(frozen=True, slots=True)
class Password:
    """An account and its password, the same for every login: rejections count against the account."""

    username: str
    password: str = field(repr=False)

    @property
    def advice(self) -> None:
        """None, as the codes of rejected passwords explain themselves."""
        return None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password, in clear text and as sent."""
        return self.password, self._plain(), _base64(self.password)

    def credentials(self) -> Credentials:
        """These credentials, which never change."""
        return self

    def forget(self, refused: Credentials) -> bool:  # noqa: ARG002 - there is only one set
        """Return False, as there are no others."""
        return False

    def lines(self, offered: Sequence[str]) -> tuple[str, ...]:
        """PLAIN, or else LOGIN."""
        if "PLAIN" in offered:
            return (f"AUTH PLAIN {self._plain()}",)
        if "LOGIN" in offered:
            return "AUTH LOGIN", _base64(self.username), _base64(self.password)
        advice = "send through a server that takes PLAIN or LOGIN, or unset HYPERREP_SMTP_USERNAME"
        raise stopped(f"the mail server offers no login with a password ({_named(offered)}): {advice}")

    def _plain(self) -> str:
        return _base64(f"\0{self.username}\0{self.password}")


@dataclass(frozen=True, slots=True)
class Bearer:
    """A mailbox and a token for it."""

    mailbox: str
    token: Token
    advice: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """The token, in clear text and as sent."""
        return self.token.text, self._initial()

    def lines(self, offered: Sequence[str]) -> tuple[str, ...]:
        """The XOAUTH2 line; no other mechanism is used."""
        if "XOAUTH2" not in offered:
            advice = "check HYPERREP_SMTP_HOST and _PORT, or log in with a password"
            raise stopped(f"the mail server offers no login with a token, XOAUTH2 ({_named(offered)}): {advice}")
        return (f"AUTH XOAUTH2 {self._initial()}",)

    def _initial(self) -> str:
        return _base64(f"user={self.mailbox}\1auth=Bearer {self.token.text}\1\1")


class TokenAuthentication:
    """A mailbox with tokens from one source; a token is reused until shortly before it expires or it is rejected."""

    def __init__(self, mailbox: str, source: TokenSource, clock: Callable[[], datetime]) -> None:
        self._mailbox = mailbox
        self._source = source
        self._clock = clock
        self._lock = Lock()
        self._kept: tuple[Token, datetime] | None = None

    def credentials(self) -> Bearer:
        """The mailbox with the cached token, or a new one; concurrent logins wait for the same token."""
        with self._lock:
            now = self._clock()
            if self._kept is None or now >= self._kept[1]:
                token = self._fetched()
                self._kept = token, now + token.lifetime - _MARGIN
            return Bearer(self._mailbox, self._kept[0], self._source.advice)

    def forget(self, refused: Credentials) -> bool:
        """Drop the rejected token, unless another login has replaced it already; the next one is new."""
        with self._lock:
            if self._kept and isinstance(refused, Bearer) and self._kept[0] == refused.token:
                self._kept = None
        return True

    def _fetched(self) -> Token:
        try:
            return self._source.fetch()
        except NoToken as error:
            if not error.is_passing:
                raise stopped(str(error)) from error
            raise MessageNotTaken(SendResult(DeliveryStatus.DEFERRED, str(error), attempted=False)) from error


def _source(
    tokens: TokenCommand | MicrosoftApplication | GoogleServiceAccount, mailbox: str, clock: Callable[[], datetime]
) -> TokenSource:
    """The token source for these settings; its module is slow to import, so it is loaded only if used."""
    match tokens:
        case TokenCommand():
            from reporter.delivery.oauth.token_command import CommandTokens  # noqa: PLC0415

            return CommandTokens(tokens)
        case MicrosoftApplication():
            from reporter.delivery.oauth.microsoft import MicrosoftTokens  # noqa: PLC0415

            return MicrosoftTokens(tokens, clock)
        case GoogleServiceAccount():
            from reporter.delivery.oauth.google import GoogleTokens  # noqa: PLC0415

            return GoogleTokens(tokens, mailbox, clock)


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _named(offered: Sequence[str]) -> str:
    return ", ".join(offered) or "none at all"
