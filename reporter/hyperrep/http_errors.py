"""Translate the API's error responses, by status and `detail`, to errors whose messages say how to fix them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from reporter.domain.errors import ApiError, ApiKeyRefused, ApiRefused, ApiUnreachable
from reporter.hyperrep.retry import http_date

LONGEST_DETAIL = 300
"""Maximum characters of the API's own message that are shown."""

TOLERATED = timedelta(seconds=5)
"""Clocks this close agree: an HTTP date has whole seconds, and the response took some time to arrive."""

_IN_THE_FUTURE = "cannot be in the future"

_KEY_FAULTS = {
    "missing api key": "The API saw no key: something between here and the API, a proxy perhaps, removes the "
    "X-API-KEY header.",
    "invalid api key": "The API does not know this key: check HYPERREP_API_KEY for a slip, or make a new key in "
    "HyperRep.",
    "api key is inactive": "The API key is inactive: activate it in HyperRep, or set HYPERREP_API_KEY to one that is.",
    "api key has expired": "The API key has expired: make a new key in HyperRep and set HYPERREP_API_KEY to it.",
}


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An unsuccessful response, with the endpoint and host of the request."""

    endpoint: str
    host: str
    status: int
    detail: str
    headers: httpx.Headers

    @property
    def reason(self) -> str:
        """The status with the API's own message, if any."""
        return f"{self.status}: {self.detail}" if self.detail else f"{self.status}"

    def error(self, now: datetime) -> ApiError:
        """The error for this response; `now` is this machine's clock, to compare it with the API's."""
        if 300 <= self.status < 400:
            return ApiRefused(self._redirect())
        if self.status in {401, 403}:
            sentence = f"The API refused the key ({self.reason}): check HYPERREP_API_KEY."
            return ApiKeyRefused(_KEY_FAULTS.get(self.detail.casefold(), sentence))
        if self.status >= 500:
            return ApiUnreachable(f"The API at {self.host} failed at {self.endpoint} ({self.reason}): try again later.")
        if self.status == 400 and _IN_THE_FUTURE in self.detail:
            return ApiRefused(f"{self.endpoint}: {_clocks(now, http_date(self.headers.get('Date')))}")
        return ApiRefused(f"The API refused {self.endpoint} ({self.reason}).")

    def _redirect(self) -> str:
        target = _host(self.headers.get("Location", ""), self.host)
        return (
            f"The API at {self.host} points {self.endpoint} to {target} ({self.status}). No redirect is followed, "
            "since the key must not travel there: correct HYPERREP_API_URL if the API has moved."
        )


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


def _host(location: str, asked: str) -> str:
    """The host alone: the rest of a foreign address is not useful and may contain secrets."""
    try:
        host = httpx.URL(location).host
    except httpx.InvalidURL:
        return "an address that is none"
    return legible(host) if host and host != asked else "another place on the same host"


def _clocks(here: datetime, there: datetime | None) -> str:
    """Why a window that has ended by this machine's clock has not ended by the API's."""
    if there is None:
        return "the window's end is not over by the API's clock: check this machine's clock, or ask again later."
    if here - there > TOLERATED:
        return (
            f"the API says the window is not over: this machine's clock is {span(here - there)} ahead of the API's. "
            "Set it right and run again."
        )
    return f"the window's end is not over by the API's clock ({there.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)."


def span(span: timedelta) -> str:
    """A duration in the largest unit of which it has at least two."""
    seconds = round(span.total_seconds())
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{round(seconds / length)} {unit}"
    return f"{seconds} seconds"
