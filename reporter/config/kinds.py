"""Building blocks of the schema: keys, tables, and kinds of values, each of which parses a raw value.

An invalid value raises `ValueError`, `UsageError`, or `DeliveryError`. The text continues after the key's name with the
value, the reason, and a fix.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

LONGEST_TEXT = 300
LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class ValueKind:
    """A kind of value: `words` name it in the reference, `parse` reads a value, given the base of relative paths."""

    words: str
    parse: Callable[[Any, Path], Any]


@dataclass(frozen=True, slots=True)
class ListOf:
    """The kind of a list without repeated items; `needs_items` refuses an empty one."""

    item: ValueKind
    needs_items: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its meaning, its kind, an example as TOML, and its default in words."""

    meaning: str
    kind: ValueKind | ListOf
    example: str
    default: str = "none"


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or a list of tables: its meaning, its keys by name, and an example of those that a report may have."""

    meaning: str
    keys: Mapping[str, "Key | Table"]
    example: str = ""
    is_list: bool = False


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


def text(words: str, parse: Callable[[str], Any]) -> ValueKind:
    """The kind of a value given as one line of text."""
    return ValueKind(words, lambda value, _folder: parse(line(value)))


def path(words: str, parse: Callable[[Path], Any]) -> ValueKind:
    """The kind of a path, relative to the folder of the file that names it; errors of `parse` follow the path."""

    def read(value: Any, folder: Path) -> Any:
        found = beside(line(value), folder)
        try:
            return parse(found)
        except ValueError as error:
            raise ValueError(f"{shown(str(found))} {error}") from None

    return ValueKind(words, read)


def choice(members: Collection[str]) -> ValueKind:
    """The kind of a value from a fixed set of words."""
    named = {str(member): member for member in members}

    def parse(value: str) -> str:
        if value not in named:
            raise ValueError(f"{shown(value)} is not one of {', '.join(named)}{suggestion(value, named)}")
        return named[value]

    return text(f"one of {', '.join(f'`{name}`' for name in named)}", parse)


def number(minimum: str, maximum: str, of: Callable[[Decimal], Any] = Decimal) -> ValueKind:
    """The kind of a number `of` a type, within inclusive limits; it may be given as text, as in the environment."""
    words = f"{'whole ' if of is int else ''}number from {minimum} to {maximum}"

    def parse(value: Any, _folder: Path) -> Any:
        found = _decimal(value)
        if found is None or not Decimal(minimum) <= found <= Decimal(maximum) or (of is int and found != int(found)):
            raise ValueError(f"{shown(value)} is not a {words}")
        return of(found)

    return ValueKind(words, parse)


def _decimal(value: Any) -> Decimal | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value)):
        return None
    found = Decimal(value)
    return found if found.is_finite() else None


def line(value: Any) -> str:
    """The value, checked to be one line of readable text. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not text; write it in quotes")  # noqa: TRY004 - as for every wrong value
    if not value.strip():
        raise ValueError("is empty; give it a value or leave the key out")
    if not value.isprintable():
        raise ValueError(f"{shown(value)} holds a line break or an invisible character; remove it")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"{shown(value)} is {len(value)} characters long; {LONGEST_TEXT} is the most")
    return value


def beside(value: str, folder: Path) -> Path:
    """The path, resolved against the folder of the file that names it. Raises ValueError."""
    try:
        return folder / Path(value).expanduser()
    except RuntimeError:
        raise ValueError(f"{shown(value)} names a home folder that does not exist") from None


def text_of(file: Path) -> str:
    """The text of a small file. Raises ValueError, whose text continues after the file's name."""
    content = content_of(file, LARGEST_FILE)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"is larger than {LARGEST_FILE:,} bytes, which no configuration is")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text, byte {error.start + 1} is none; save it as UTF-8") from None


def content_of(file: Path, limit: int) -> bytes:
    """The content of a file, or one byte more than the limit if it is larger. Raises ValueError as `text_of`."""
    try:
        with file.open("rb") as source:
            return source.read(limit + 1)
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
