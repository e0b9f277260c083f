"""JSON as this program writes it to files: in one canonical form, so that equal values give equal bytes."""

import json
from typing import Any


def json_bytes(document: Any) -> bytes:
    """The document in UTF-8 with sorted keys, an indent of one space, and a final newline.

    An unpaired surrogate, which UTF-8 cannot encode, becomes a JSON escape.
    """
    text = json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")
