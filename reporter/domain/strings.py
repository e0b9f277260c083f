"""Sanitize external text (names, subjects, server replies) before it goes into a record; mark texts for translation."""

import re
from collections.abc import Iterable

_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
"""Control characters, line and paragraph separators, and unpaired surrogates, with the spaces next to them.

Other spaces stay: French numbers, for example, use a narrow no-break space.
"""


def one_line(text: str) -> str:
    """The text with each run of control characters, line breaks, and spaces as one space, and none at its ends."""
    return _BREAKS.sub(" ", text).strip(" ")


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis: at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def concealed(text: str, secrets: Iterable[str]) -> str:
    """The text with each occurrence of a secret replaced by an ellipsis."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def mark(message: str) -> str:
    """Mark a text in a table for extraction; it is translated where it is used."""
    return message


def mark_plural(singular: str, plural: str) -> tuple[str, str]:
    """Mark both forms of a text in a table for extraction; they are translated where they are used."""
    return singular, plural
