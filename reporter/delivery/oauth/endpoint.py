"""Request a token from an OAuth 2.0 token endpoint (RFC 6749), over TLS only."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx

from reporter.delivery.oauth.token_source import NoToken, Token
from reporter.domain.strings import concealed, one_line, shortened
from reporter.hyperrep.access import is_loopback

LARGEST_ANSWER = 100_000
"""Maximum bytes of a response; one with a token has a few thousand."""

SECONDS = 30.0
"""Time limit for a response, in seconds, from the connection to its last byte."""

_UNTOLD_LIFETIME = 300
"""Assumed lifetime of a token, in seconds, if the response has none (RFC 6749, 5.1 only recommends it)."""

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""No compression is requested or decoded: a kilobyte might expand to gigabytes."""

_TOKEN = re.compile(r"[\x21-\x7e]+")
_LONGEST_REASON = 300
_PASSING = {408, 429, *range(500, 600)}
_PASSING_ERRORS = {"temporarily_unavailable", "server_error"}


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """The endpoint at `url`. `advice` is what to check when it denies a token, as the end of a sentence."""

    url: str
    advice: str
    seconds: float = SECONDS

    def ask(self, form: Mapping[str, str], secrets: Collection[str]) -> Token:
        """Send the form and return the token; raises NoToken, whose message contains none of `secrets`."""
        try:
            answer = self._answer(form)
        except httpx.TransportError as error:
            raise self._unreachable(error) from None
        return _Reading(self, answer, secrets).token()

    @property
    def name(self) -> str:
        """Its host, as named in error messages."""
        return f"the token endpoint {urlsplit(self.url).hostname}"

    def _answer(self, form: Mapping[str, str]) -> "_Answer":
        # Loopback bypasses proxies: one from the environment would carry the secret away unencrypted.
        trust_env = not is_loopback(urlsplit(self.url).hostname or "")
        end = monotonic() + self.seconds
        with (
            httpx.Client(timeout=self.seconds, follow_redirects=False, trust_env=trust_env) as client,
            client.stream("POST", self.url, data=form, headers=_HEADERS) as response,
        ):
            body = bytearray()
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise NoToken(f"{self.name} gave an answer without end: check its address")
                if monotonic() > end:
                    raise NoToken(
                        f"{self.name} did not finish its answer within {self.seconds:g} seconds", is_passing=True
                    )
            return _Answer(response.status_code, bytes(body))

    def _unreachable(self, error: httpx.TransportError) -> NoToken:
        if isinstance(error, httpx.TimeoutException):
            return NoToken(f"{self.name} did not answer within {self.seconds:g} seconds", is_passing=True)
        reason = shortened(one_line(str(error)), _LONGEST_REASON)
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            return NoToken(f"the certificate of {self.name} is not to be trusted: check its address")
        return NoToken(f"{self.name} cannot be reached ({reason})", is_passing=True)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes = field(repr=False)

    def fields(self) -> dict[str, Any]:
        """The JSON object of the response; empty for anything else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads a response for a token, or for the reason why there is none."""

    endpoint: TokenEndpoint
    answer: _Answer
    secrets: Collection[str] = field(repr=False)

    def token(self) -> Token:
        """The token; raises NoToken."""
        fields, status = self.answer.fields(), self.answer.status
        if 300 <= status < 400:
            raise NoToken(f"{self.endpoint.name} answered {status} and leads elsewhere, where no secret is sent")
        if status != 200:
            raise self._refusal(fields)
        text = fields.get("access_token")
        if not isinstance(text, str) or not _TOKEN.fullmatch(text):
            raise NoToken(f"{self.endpoint.name} answered 200 without a token: check its address")
        return Token(text, _lifetime(fields.get("expires_in")))

    def _refusal(self, fields: Mapping[str, Any]) -> NoToken:
        status, error = self.answer.status, fields.get("error")
        is_passing = status in _PASSING or error in _PASSING_ERRORS
        said = ": ".join(part for part in (error, fields.get("error_description")) if isinstance(part, str))
        reason = shortened(concealed(one_line(f"{status} {said}"), self.secrets), _LONGEST_REASON)
        sentence = f"{self.endpoint.name} gave no token ({reason})"
        return NoToken(sentence if is_passing else f"{sentence}: {self.endpoint.advice}", is_passing=is_passing)


def _lifetime(told: Any) -> timedelta:
    """The token's lifetime; some endpoints write the seconds as text."""
    is_told = isinstance(told, int | str) and not isinstance(told, bool) and re.fullmatch(r"[0-9]{1,8}", str(told))
    return timedelta(seconds=int(told) if is_told else _UNTOLD_LIFETIME)
