"""Access to the API: its address, its key, and the limits of requests, validated before any request.

Separate from the client, which is slow to import.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reporter.domain.errors import UsageError

if TYPE_CHECKING:
    import httpx

_KEY = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The API's address and limits; `timeout` and `budget` are in seconds.

    `timeout` is for one attempt, `budget` for one request with all its attempts and the pauses between them.
    `concurrency` is the maximum number of concurrent requests.
    """

    url: str = "https://api.hyperrep.ai"
    timeout: float = 30.0
    budget: float = 120.0
    concurrency: int = 8


def checked_key(key: str) -> str:
    """The key, if it is valid in a header. Raises UsageError, whose message never shows it."""
    if not _KEY.fullmatch(key):
        raise UsageError(
            "The API key is empty or contains a space, a line break, or another character that no key has: "
            "copy it again from HyperRep into HYPERREP_API_KEY (or HYPERREP_API_KEY_FILE)."
        )
    return key


def checked_address(url: str) -> "httpx.URL":
    """The API's base address without a trailing slash. Raises UsageError if the key would not be safe there."""
    import httpx  # noqa: PLC0415 - slow to load, and most configurations set no address

    try:
        address = httpx.URL(url.rstrip("/"))
    except httpx.InvalidURL as error:
        raise UsageError(f"The API's URL is not a valid address ({error}).") from error
    if address.userinfo or address.query or address.fragment:
        raise UsageError("The API's URL must be an address alone: no user name, password, question mark or #.")
    if not address.host or address.scheme not in {"https", "http"}:
        raise UsageError(f"The API's URL {url!r} must begin with https:// and name a host.")
    if address.scheme == "http" and not is_loopback(address.host):
        raise UsageError(
            f"The API's URL http://{address.host} is not encrypted, so the key could be read in transit: use https://."
        )
    return address


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, so that traffic to it cannot be intercepted."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
