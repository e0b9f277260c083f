"""OAuth tokens for an application: a Microsoft 365 application, or a Google Workspace service account.

Google, and Microsoft with a certificate, get a JWT assertion (RFC 7523) signed with a private key instead of a secret.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ssl import PEM_cert_to_DER_cert
from uuid import uuid4

import jwt

from reporter.delivery.oauth.token_endpoint import request_token
from reporter.delivery.oauth.token_source import NoToken, Token
from reporter.delivery.smtp.smtp_settings import GoogleServiceAccount, MicrosoftApplication

GOOGLE_SCOPE = "https://mail.google.com/"
"""The only scope Google's mail server accepts over SMTP; gmail.send is for its API alone."""

_VALID = timedelta(minutes=5)
"""The lifetime of an assertion; it is used at once, so this only allows for clock differences."""

_GOOGLE_ADVICE = (
    "in the admin console, domain-wide delegation must give the service account's client id the scope "
    f"{GOOGLE_SCOPE}, and smtp.username must be a mailbox of that domain"
)
_MICROSOFT_ADVICE = (
    "the application needs the permission SMTP.SendAsApp with an administrator's consent, a service principal in "
    "Exchange made with the object id of the enterprise application, the right to the mailbox in smtp.username, and "
    "SMTP AUTH switched on for that mailbox"
)
_ENDPOINT_ADVICE = "check smtp.microsoft.tenant and client_id, and its secret or certificate, which may have expired"


@dataclass(frozen=True, slots=True)
class MicrosoftTokens:
    """Fetches tokens by client credentials; `clock` dates the assertion that a certificate signs."""

    application: MicrosoftApplication
    clock: Callable[[], datetime]
    advice: str = _MICROSOFT_ADVICE

    def fetch(self) -> Token:
        """Fetch a new token; raises NoToken."""
        proof = self._proof()
        form = {
            "client_id": self.application.client_id,
            "scope": self.application.scope,
            "grant_type": "client_credentials",
            **proof,
        }
        return request_token(self.application.token_url, form, proof.values(), _ENDPOINT_ADVICE)

    def _proof(self) -> dict[str, str]:
        """The form fields that authenticate the application."""
        identity, name = self.application.identity, self.application.client_id
        if isinstance(identity, str):
            return {"client_secret": identity}
        thumbprint = sha256(PEM_cert_to_DER_cert(identity.certificate)).digest()
        header = {"alg": "PS256", "x5t#S256": urlsafe_b64encode(thumbprint).rstrip(b"=").decode("ascii")}
        claims = {"iss": name, "sub": name, "aud": self.application.token_url}
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": _assertion(identity.key, header, claims, self.clock()),
        }


@dataclass(frozen=True, slots=True)
class GoogleTokens:
    """Fetches tokens for `mailbox`, which the service account impersonates; `clock` dates the signed assertion."""

    account: GoogleServiceAccount
    mailbox: str
    clock: Callable[[], datetime]
    advice: str = _GOOGLE_ADVICE

    def fetch(self) -> Token:
        """Fetch a new token; raises NoToken."""
        account = self.account
        claims = {"iss": account.email, "sub": self.mailbox, "aud": account.token_url, "scope": GOOGLE_SCOPE}
        assertion = _assertion(account.key, {"alg": "RS256", "kid": account.key_id}, claims, self.clock())
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return request_token(account.token_url, form, [assertion], _GOOGLE_ADVICE)


def _assertion(key: str, header: dict[str, str], claims: dict[str, str], now: datetime) -> str:
    """A single-use assertion, signed with the key (PEM); raises NoToken if the key cannot sign."""
    valid = {"iat": now, "nbf": now, "exp": now + _VALID, "jti": str(uuid4())}
    try:
        return jwt.encode(claims | valid, key, header["alg"], header)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise NoToken("the private key for tokens cannot sign: it must be an RSA key without a passphrase") from None
