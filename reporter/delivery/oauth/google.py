"""Google Workspace tokens for a service account that impersonates one mailbox: a JWT bearer grant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from reporter.delivery.oauth.assertion import Signer
from reporter.delivery.oauth.endpoint import TokenEndpoint
from reporter.delivery.oauth.token_source import Token
from reporter.delivery.smtp.smtp_settings import GoogleServiceAccount

SCOPE = "https://mail.google.com/"
"""The only scope Google's mail server accepts over SMTP; gmail.send is for its API alone."""

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_DELEGATION = (
    f"in the admin console, domain-wide delegation must give the service account's client id the scope {SCOPE}, and "
    "smtp.username must be a mailbox of that domain"
)


@dataclass(frozen=True, slots=True)
class GoogleTokens:
    """Fetches tokens for `mailbox` through a service account; `clock` dates the signed assertion."""

    account: GoogleServiceAccount
    mailbox: str
    clock: Callable[[], datetime]

    @property
    def advice(self) -> str:
        """What Google requires besides a valid token."""
        return _DELEGATION

    def fetch(self) -> Token:
        """Fetch a new token; raises NoToken."""
        account = self.account
        signer = Signer(account.key, "RS256", {"kid": account.key_id}, self.clock)
        assertion = signer.assertion(account.email, self.mailbox, account.token_url, scope=SCOPE)
        form = {"grant_type": _JWT_BEARER, "assertion": assertion}
        return TokenEndpoint(account.token_url, _DELEGATION).ask(form, [assertion])
