"""SMTP settings: the mail server, the login, and the limits of the connections."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from reporter.domain.errors import ConfigurationError
from reporter.domain.mailbox import Mailbox


class Security(StrEnum):
    """How the connection is protected; certificates are always verified."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TokenCommand:
    """A command that prints a token: the program and its arguments, run without a shell."""

    words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate registered with an application, and its private key, both PEM."""

    certificate: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MicrosoftApplication:
    """An application of a Microsoft 365 tenant, and its client secret or certificate."""

    client_id: str
    identity: str | ClientCertificate = field(repr=False)
    token_url: str
    scope: str


@dataclass(frozen=True, slots=True)
class GoogleServiceAccount:
    """A Google service account, and its private key (PEM)."""

    email: str
    key_id: str
    key: str = field(repr=False)
    token_url: str


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The mail server, the sender, and the login; raises ConfigurationError for an impossible login.

    `username` belongs to a password, or is the mailbox of `tokens`,
    by default the sender's. `ca_file` (PEM) replaces the system's certificate authorities. `timeout` is for an ordinary
    reply, in seconds; the reply to a whole message may take twice as long. Up to `connections` are open at once, each
    for `messages_per_connection`; together they send at most `messages_per_minute`, None for no limit.
    """

    host: str
    port: int
    security: Security
    sender: Mailbox
    reply_to: Mailbox | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: float = 300.0
    connections: int = 1
    messages_per_connection: int = 100
    messages_per_minute: int | None = None
    tokens: TokenCommand | MicrosoftApplication | GoogleServiceAccount | None = None

    def __post_init__(self) -> None:
        """Reject an incomplete login, two logins, and a secret sent without TLS."""
        problems = []
        if self.tokens and self.password:
            problems.append("A password and tokens are two logins: unset HYPERREP_SMTP_PASSWORD, or the tokens")
        if not self.tokens and bool(self.username) != bool(self.password):
            problems.append("HYPERREP_SMTP_USERNAME and HYPERREP_SMTP_PASSWORD belong together: set both or neither")
        if (self.password or self.tokens) and self.security is Security.NONE:
            problems.append("A login without TLS would show its secret: set HYPERREP_SMTP_SECURITY to starttls or tls")
        if problems:
            raise ConfigurationError(problems)
