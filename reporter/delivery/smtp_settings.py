"""Where mail is handed over and as whom: what the configuration gives the SMTP transport."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from reporter.errors import ConfigurationError


class Security(StrEnum):
    """How the connection is protected; certificates are always verified."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where mail is handed over and as whom; raises ConfigurationError for a login that cannot be.

    `sender` and `reply_to` may hold a display name. `ca_file` (PEM) replaces the system's authorities. `timeout` is
    how many seconds an ordinary reply may take; the reply to a whole message may take twice as long.
    """

    host: str
    port: int
    security: Security
    sender: str
    reply_to: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: float = 300.0

    def __post_init__(self) -> None:
        """Refuse half a login, and a password in the clear."""
        problems = []
        if bool(self.username) != bool(self.password):
            problems.append("HYPERREP_SMTP_USERNAME and HYPERREP_SMTP_PASSWORD belong together: set both or neither")
        if self.password and self.security is Security.NONE:
            problems.append(
                "A login without TLS would show the password: set HYPERREP_SMTP_SECURITY to starttls or tls"
            )
        if problems:
            raise ConfigurationError(problems)
