"""JSON as this program writes it into files: one form, so that the same values are the same bytes."""

import json
from typing import Any


def json_bytes(document: Any) -> bytes:
    """The document with sorted keys, one space of indent, in UTF-8, with a final newline.

    A lone surrogate, which UTF-8 cannot hold, stays JSON's own escape.
    """
    text = json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")
