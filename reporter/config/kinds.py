"""Kinds of configuration values: each parses the raw value of a key, or explains why it is invalid.

An invalid value raises `ValueError`; its text continues after the key's name with the value, the reason, and a fix.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from reporter.hyperrep.access import is_loopback

LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class ValueKind:
    """A kind of value: `words` name it in the reference, `read` parses a value, given the base of relative paths."""

    words: str
    read: Callable[[Any, Path], Any]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def _validate(self, value: Any, info: ValidationInfo) -> Any:
        return self.read(value, info.context or Path())


def shown(value: Any) -> str:
    """A value for an error message: one line, without invisible characters, shortened."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            text = repr(value)
            return text if len(text) <= 80 else f"{text[:76]}…{text[0]}"
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return str(value)[:80]


def sentence(words: str) -> str:
    """The words with a final period, unless they end in one or in a question mark."""
    return words if words.endswith((".", "?")) else f"{words}."


def suggestion(value: str, choices: Collection[str]) -> str:
    """The end of a sentence that suggests the closest choice, or an empty string."""
    folded = {choice.casefold(): choice for choice in sorted(choices)}
    last_parts = {choice.rpartition("/")[2]: choice for choice in folded}
    wanted = value.strip().casefold().replace(" ", "_")
    exact = [wanted] if wanted in folded else [last_parts[wanted]] if wanted in last_parts else []
    close = exact or get_close_matches(wanted, folded, n=1, cutoff=0.7)
    return f"; did you mean {folded[close[0]]!r}?" if close else ""


def text(words: str, read: Callable[[str], Any]) -> ValueKind:
    """The kind of a value given as one line of text."""
    return ValueKind(words, lambda value, _folder: read(line(value)))


def path(words: str, read: Callable[[Path], Any]) -> ValueKind:
    """The kind of a path, relative to the folder of the file that names it."""
    return ValueKind(words, lambda value, folder: read(beside(line(value), folder)))


def choice(members: Collection[str]) -> ValueKind:
    """The kind of a value from a fixed set of words."""
    named = {str(member): member for member in members}

    def read(value: str) -> str:
        if value not in named:
            raise ValueError(f"{shown(value)} is not one of {', '.join(named)}{suggestion(value, named)}")
        return named[value]

    return text(f"one of {', '.join(f'`{name}`' for name in named)}", read)


def number(minimum: str, maximum: str, *, whole: bool = False) -> ValueKind:
    """The kind of a number within inclusive limits; it may be given as text, as in the environment."""
    low, high = Decimal(minimum), Decimal(maximum)
    words = f"{'whole ' if whole else ''}number from {minimum} to {maximum}"

    def read(value: Any, _folder: Path) -> Decimal | int:
        found = _decimal(value)
        if found is None or not low <= found <= high or (whole and found != int(found)):
            raise ValueError(f"{shown(value)} is not a {words}")
        return int(found) if whole else found

    return ValueKind(words, read)


def _decimal(value: Any) -> Decimal | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value)):
        return None
    found = Decimal(value)
    return found if found.is_finite() else None


def line(value: Any) -> str:
    """The value, checked to be one line of readable text. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not text; write it in quotes")  # noqa: TRY004 - pydantic reads ValueError
    if not value.strip():
        raise ValueError("is empty; give it a value or leave the key out")
    if not value.isprintable():
        raise ValueError(f"{shown(value)} holds a line break or an invisible character; remove it")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"{shown(value)} is {len(value)} characters long; {LONGEST_TEXT} is the most")
    return value


def words(value: Any) -> tuple[str, ...]:
    """The words of a command, the first of which is a program. Raises ValueError, which shows none of them."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(word, str) for word in value):
        raise ValueError('is not a list of words; write it like ["vault", "read", "oauth/reports"]')
    if not value[0].strip() or any("\0" in word for word in value):
        raise ValueError("does not begin with the name of a program, or holds a character that no command can have")
    return tuple(value)


def safe_url(value: str) -> str:
    """A URL to which secrets may be sent: https, or this machine. Raises ValueError."""
    try:
        found = urlsplit(value)
        host, is_whole = found.hostname or "", found.port != 0
    except ValueError:
        host, is_whole = "", False
    if not host or not is_whole or found.username is not None or found.fragment:
        raise ValueError(f'{shown(value)} is not an address; write it like "https://login.example.com/token"')
    if found.scheme != "https" and not (found.scheme == "http" and is_loopback(host)):
        raise ValueError(f"{shown(value)} is not encrypted, so a secret could be read on its way; use https://")
    return value


def beside(value: str, folder: Path) -> Path:
    """The path, resolved against the folder of the file that names it. Raises ValueError."""
    try:
        return folder / Path(value).expanduser()
    except RuntimeError:
        raise ValueError(f"{shown(value)} names a home folder that does not exist") from None
