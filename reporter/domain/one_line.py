"""What others wrote, names, subjects, servers' replies, made one line of text before a header or a record holds it."""

import re
from collections.abc import Iterable

_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
"""Controls, line and paragraph separators and halves of surrogate pairs, with the blanks beside them.

Other spaces stay: a narrow one that may not break is what French puts into a number.
"""


def one_line(text: str) -> str:
    """The text with each run of controls, line breaks and blanks as one blank, and none at its ends."""
    return _BREAKS.sub(" ", text).strip(" ")


def shortened(text: str, limit: int) -> str:
    """The text itself, or its beginning and an ellipsis: at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def concealed(text: str, secrets: Iterable[str]) -> str:
    """The text with an ellipsis for each of the secrets that stands in it."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text
