"""Signed JWT assertions (RFC 7523) that authenticate a token request with a private key instead of a secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import jwt

from reporter.delivery.oauth.token_source import NoToken

_VALID = timedelta(minutes=5)
"""The lifetime of an assertion; it is used at once, so this only allows for clock differences."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key (PEM), its signing algorithm, and the headers that identify the matching public key."""

    key: str = field(repr=False)
    algorithm: str
    headers: Mapping[str, str]
    clock: Callable[[], datetime]

    def assertion(self, issuer: str, subject: str, audience: str, **more: str) -> str:
        """A single-use assertion for this audience; raises NoToken if the key cannot sign."""
        now = self.clock()
        claims = {"iss": issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now, "exp": now + _VALID}
        try:
            return jwt.encode(claims | {"jti": str(uuid4())} | more, self.key, self.algorithm, dict(self.headers))
        except (jwt.PyJWTError, ValueError, TypeError):
            raise NoToken(
                "the private key for tokens cannot sign: it must be an RSA key without a passphrase"
            ) from None
