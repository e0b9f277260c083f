"""OAuth tokens for an application: a Microsoft 365 application, or a Google Workspace service account.

Tokens come from an OAuth 2.0 token endpoint (RFC 6749), over TLS only. Google, and Microsoft with a certificate, get a
JWT assertion (RFC 7523) signed with a private key instead of a secret.
"""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ssl import PEM_cert_to_DER_cert
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import jwt

from reporter.delivery.oauth.token_source import NoToken, Token
from reporter.delivery.smtp.smtp_settings import GoogleServiceAccount, MicrosoftApplication
from reporter.domain.strings import concealed, one_line, shortened
from reporter.hyperrep.access import is_loopback

MAX_ANSWER = 100_000
"""Maximum bytes of a response; one with a token has a few thousand."""

TIMEOUT = 30.0
"""Time limit for a response, in seconds, from the connection to its last byte."""

_DEFAULT_LIFETIME = 300
"""Assumed lifetime of a token, in seconds, if the response has none (RFC 6749, 5.1 only recommends it)."""

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""No compression is requested or decoded: a kilobyte might expand to gigabytes."""

_TOKEN = re.compile(r"[\x21-\x7e]+")
_LONGEST_REASON = 300
_TEMPORARY = {408, 429, *range(500, 600), "temporarily_unavailable", "server_error"}
"""Status codes, and error codes of RFC 6749, after which a retry may help."""

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


def request_token(
    url: str, form: Mapping[str, str], secrets: Collection[str], advice: str, timeout: float = TIMEOUT
) -> Token:
    """Send the form and return the token; raises NoToken, whose message contains none of `secrets`.

    `advice` is what to check when the endpoint denies a token, as the end of a sentence.
    """
    name = f"the token endpoint {urlsplit(url).hostname}"
    try:
        status, body = _post(url, form, name, timeout)
    except httpx.TransportError as error:
        raise _unreachable(name, error, timeout) from None
    fields = _json_object(body)
    if 300 <= status < 400:
        raise NoToken(f"{name} answered {status} and leads elsewhere, where no secret is sent")
    if status != 200:
        raise _refusal(name, status, fields, secrets, advice)
    text = fields.get("access_token")
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise NoToken(f"{name} answered 200 without a token: check its address")
    return Token(text, _lifetime(fields.get("expires_in")))


def _post(url: str, form: Mapping[str, str], name: str, timeout: float) -> tuple[int, bytes]:
    """The status and the body of the response."""
    # Loopback bypasses proxies: one from the environment would carry the secret away unencrypted.
    trust_env = not is_loopback(urlsplit(url).hostname or "")
    end = monotonic() + timeout
    with (
        httpx.Client(timeout=timeout, follow_redirects=False, trust_env=trust_env) as client,
        client.stream("POST", url, data=form, headers=_HEADERS) as response,
    ):
        body = b""
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_ANSWER:
                raise NoToken(f"{name} gave an answer without end: check its address")
            if monotonic() > end:
                raise NoToken(f"{name} did not finish its answer within {timeout:g} seconds", is_temporary=True)
        return response.status_code, body


def _unreachable(name: str, error: httpx.TransportError, timeout: float) -> NoToken:
    if isinstance(error, httpx.TimeoutException):
        return NoToken(f"{name} did not answer within {timeout:g} seconds", is_temporary=True)
    reason = shortened(one_line(str(error)), _LONGEST_REASON)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return NoToken(f"the certificate of {name} is not trusted: check its address")
    return NoToken(f"{name} cannot be reached ({reason})", is_temporary=True)


def _json_object(body: bytes) -> dict[str, Any]:
    """The JSON object of the response; empty for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(name: str, status: int, fields: Mapping[str, Any], secrets: Collection[str], advice: str) -> NoToken:
    said = [value for key in ("error", "error_description") if isinstance(value := fields.get(key), str)]
    reason = one_line(f"{status} {': '.join(said)}")
    sentence = f"{name} gave no token ({shortened(concealed(reason, secrets), _LONGEST_REASON)})"
    is_temporary = not _TEMPORARY.isdisjoint({status, *said})
    return NoToken(sentence if is_temporary else f"{sentence}: {advice}", is_temporary=is_temporary)


def _lifetime(seconds: Any) -> timedelta:
    """The token's lifetime; some endpoints write the seconds as text."""
    is_given = isinstance(seconds, int | str) and not isinstance(seconds, bool)
    is_valid = is_given and re.fullmatch(r"[0-9]{1,8}", str(seconds))
    return timedelta(seconds=int(seconds) if is_valid else _DEFAULT_LIFETIME)
