"""Translate failed connections and the API's error responses to errors whose messages say how to fix them.

A `TransientError` may be temporary, and is retried.
"""

import json
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from reporter.domain.errors import ApiError, ApiKeyRefused, ApiRefused, ApiUnreachable
from reporter.hyperrep.retry import TransientError

LONGEST_DETAIL = 300
"""Maximum characters of the API's own message that are shown."""

TOLERATED = timedelta(seconds=5)
"""Clocks this close agree: an HTTP date has whole seconds, and the response took some time to arrive."""

RETRIED = frozenset({429, 500, 501, 502, 503, 504})
"""The statuses of an API that is busy or temporarily broken."""

_PASSING = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError)

_KEY_FAULTS = {
    "missing api key": "The API received no key: a proxy between here and the API probably removes the X-API-KEY "
    "header.",
    "invalid api key": "The API does not know this key: check HYPERREP_API_KEY for a typo, or create a new key in "
    "HyperRep.",
    "api key is inactive": "The API key is inactive: activate it in HyperRep, or set HYPERREP_API_KEY to one that is.",
    "api key has expired": "The API key has expired: create a new key in HyperRep and set HYPERREP_API_KEY to it.",
}


def connection_error(error: httpx.RequestError, endpoint: str, host: str) -> Exception:
    """A TransientError if a retry may help, otherwise the error to show."""
    untrusted = _certificate_fault(error)
    if untrusted is not None:
        return ApiUnreachable(
            f"The certificate of {host} is not trusted ({untrusted.verify_message}), so the key was not sent. "
            "Where your network has its own certificate authority, name its file in SSL_CERT_FILE."
        )
    reason = str(error) or type(error).__name__
    if isinstance(error, _PASSING):
        return TransientError(f"the connection failed ({reason})")
    return ApiUnreachable(f"The request for {endpoint} to the API at {host} failed ({reason}).")


def response_error(
    response: httpx.Response, said: str, endpoint: str, host: str, now: datetime
) -> ApiError | TransientError:
    """The error for an unsuccessful response, whose `detail` is `said`; a TransientError if a retry may help.

    `now` is this machine's clock, to compare it with the API's.
    """
    status = response.status_code
    reason = f"{status}: {said}" if said else f"{status}"
    if status in RETRIED:
        pause = retry_after(response.headers.get("Retry-After"), now)
        wish = f" (retry after {pause:.0f} s)" if pause else ""
        return TransientError(f"it answered {reason}{wish}", pause)
    if 300 <= status < 400:
        return ApiRefused(_redirect(response, endpoint, host))
    if status in {401, 403}:
        sentence = f"The API refused the key ({reason}): check HYPERREP_API_KEY."
        return ApiKeyRefused(_KEY_FAULTS.get(said.casefold(), sentence))
    if status >= 500:
        return ApiUnreachable(f"The API at {host} failed at {endpoint} ({reason}): try again later.")
    if status == 400 and "cannot be in the future" in said:
        return ApiRefused(f"{endpoint}: {_clocks(now, http_date(response.headers.get('Date')))}")
    return ApiRefused(f"The API refused {endpoint} ({reason}).")


def detail(body: bytes) -> str:
    """The `detail` in an error's body, either text or a list of validation errors; empty if there is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    found = said.get("detail") if isinstance(said, dict) else None
    if isinstance(found, list):
        return legible("; ".join(_validation_fault(fault) for fault in found))
    return legible(found) if isinstance(found, str) else ""


def legible(text: str) -> str:
    """The API's message on one line of limited length, without characters that could control a terminal."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= LONGEST_DETAIL else f"{line[:LONGEST_DETAIL]}…"


def _validation_fault(fault: Any) -> str:
    if not isinstance(fault, dict):
        return str(fault)
    place = fault.get("loc")
    where = ".".join(str(step) for step in place) if isinstance(place, list) else ""
    return f"{where}: {fault.get('msg')}" if where else f"{fault.get('msg')}"


def _redirect(response: httpx.Response, endpoint: str, host: str) -> str:
    """Only the target's host is named: the rest of a foreign address is not useful and may contain secrets."""
    try:
        named = httpx.URL(response.headers.get("Location", "")).host
        target = legible(named) if named and named != host else "another place on the same host"
    except httpx.InvalidURL:
        target = "an invalid address"
    return (
        f"The API at {host} redirects {endpoint} to {target} ({response.status_code}). Redirects are not followed, "
        "because the key would be sent there: correct HYPERREP_API_URL if the API has moved."
    )


def _clocks(here: datetime, there: datetime | None) -> str:
    """Why a window that has ended by this machine's clock has not ended by the API's."""
    if there is None:
        return "the window has not ended by the API's clock: check this machine's clock, or try again later."
    if here - there > TOLERATED:
        return (
            f"the API says the window has not ended: this machine's clock is {span(here - there)} ahead of the API's. "
            "Set it right and run again."
        )
    return f"the window has not ended by the API's clock ({there.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)."


def span(span: timedelta) -> str:
    """A duration in the largest unit of which it has at least two."""
    seconds = round(span.total_seconds())
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{round(seconds / length)} {unit}"
    return f"{seconds} seconds"


def retry_after(value: str | None, now: datetime) -> float:
    """The seconds that a `Retry-After` header asks for, as seconds or as a date; 0 if it is missing or invalid."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = http_date(text)
    return max(0.0, (moment - now).total_seconds()) if moment else 0.0


def http_date(text: str | None) -> datetime | None:
    """The instant of an HTTP date; None if it is missing or invalid."""
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _certificate_fault(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """The certificate verification error that caused this error, if any."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
