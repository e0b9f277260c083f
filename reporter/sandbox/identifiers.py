"""The opaque identifiers of the sandbox: they look like the API's, carry no meaning, and never change."""

from base64 import urlsafe_b64encode
from hashlib import sha512


def opaque(kind: str, key: str) -> str:
    """71 characters like `gAAAAAB…=` that stand for the `kind` of thing (`sale`, `agent`, …) known inside as `key`."""
    return "gAAAAAB" + urlsafe_b64encode(sha512(f"{kind}:{key}".encode()).digest()[:47]).decode()
