"""Opaque identifiers of the sandbox: stable, without meaning, in the format of the API's."""

from base64 import urlsafe_b64encode
from hashlib import sha512


def opaque(kind: str, key: str) -> str:
    """An identifier of 71 characters like `gAAAAAB…=` for an object of this `kind` (`sale`, `agent`, …) and `key`."""
    return "gAAAAAB" + urlsafe_b64encode(sha512(f"{kind}:{key}".encode()).digest()[:47]).decode()
