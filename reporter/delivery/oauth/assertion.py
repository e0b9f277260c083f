"""A signed statement of who asks for a token (RFC 7523), where a private key stands in for a secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import jwt

from reporter.delivery.oauth.token_source import NoToken

_VALID = timedelta(minutes=5)
"""How long a statement holds; it is used at once, so this is for clocks that differ."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key (PEM), how it signs and how the other side finds the matching public key."""

    key: str = field(repr=False)
    algorithm: str
    headers: Mapping[str, str]
    clock: Callable[[], datetime]

    def assertion(self, issuer: str, subject: str, audience: str, **more: str) -> str:
        """A statement for this audience, good for one use; raises NoToken where the key cannot sign."""
        now = self.clock()
        claims = {"iss": issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now, "exp": now + _VALID}
        try:
            return jwt.encode(claims | {"jti": str(uuid4())} | more, self.key, self.algorithm, dict(self.headers))
        except (jwt.PyJWTError, ValueError, TypeError):
            raise NoToken(
                "the private key for tokens cannot sign: it must be an RSA key without a passphrase"
            ) from None
