"""Request a token from an OAuth 2.0 token endpoint (RFC 6749), over TLS only."""

import json
import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx

from reporter.delivery.oauth.token_source import NoToken, Token
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
    error, description = (value if isinstance(value := fields.get(key), str) else "" for key in _REASONS)
    reason = one_line(f"{status} {': '.join(filter(None, (error, description)))}")
    sentence = f"{name} gave no token ({shortened(concealed(reason, secrets), _LONGEST_REASON)})"
    is_temporary = status in _TEMPORARY or error in _TEMPORARY
    return NoToken(sentence if is_temporary else f"{sentence}: {advice}", is_temporary=is_temporary)


_REASONS = ("error", "error_description")


def _lifetime(seconds: Any) -> timedelta:
    """The token's lifetime; some endpoints write the seconds as text."""
    is_given = isinstance(seconds, int | str) and not isinstance(seconds, bool)
    is_given = is_given and re.fullmatch(r"[0-9]{1,8}", str(seconds)) is not None
    return timedelta(seconds=int(seconds) if is_given else _DEFAULT_LIFETIME)
