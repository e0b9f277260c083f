"""The layers of the configuration: the file, the environment, and the flags, each read by the schema.

A layer names its places as the user does, so that errors refer to `reports[2].locale`, `HYPERREP_SMTP_PORT`, or
`--locale`. The precedence of layers is not decided here. Values that may be secrets are never shown: those of unknown
keys, and those of tables.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

from reporter.config.kinds import Key, ListOf, Table, ValueKind, sentence, shown, suggestion, text_of
from reporter.config.schema import CONFIGURATION, ENVIRONMENT, FLAGS, Place, entries
from reporter.config.secrets import IN_ENVIRONMENT
from reporter.config.settings import Overrides
from reporter.domain.errors import DeliveryError, UsageError
from reporter.domain.mailbox import Mailbox

_SECRET = re.compile(r"pass_?w|passphrase|secret|token|credential|(^|_)(api|private|access)?key$|^pass$|^pwd$")

_NO_SECRETS = {"token_command", "token_url", "pdf_password_env"}
"""Keys that are named like a secret but only refer to its source."""

_INVALID = object()


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of settings: `values` holds the valid ones, `faulty` the places of the others, `given` of both."""

    named: Callable[[Place], str]
    values: Mapping[str, Any] = field(default_factory=dict)
    faulty: frozenset[Place] = frozenset()
    given: frozenset[Place] = frozenset()
    problems: tuple[str, ...] = ()

    @property
    def is_unread(self) -> bool:
        """Whether its content is unknown because it could not be read at all."""
        return bool(self.problems) and not self.given


def file_layer(path: Path | None) -> Layer:
    """The settings of the file; empty without a file."""
    if path is None:
        return Layer(_written)
    try:
        raw = _toml(path)
    except ValueError as error:
        return Layer(_written, problems=(sentence(f"{path}: {error}"),))
    return _read(lambda place: f"{path}: {_written(place)}", raw, path.parent)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """The settings of the environment; an empty variable counts as not set."""
    raw: dict[str, Any] = {}
    for place, variable in ENVIRONMENT.items():
        if value := environ.get(variable):
            reduce(lambda table, name: table.setdefault(name, {}), place[:-1], raw)[place[-1]] = value
    return _read(lambda place: ENVIRONMENT[place], raw, Path())


def flag_layer(overrides: Overrides) -> Layer:
    """The settings of the command line."""
    given = {name: getattr(overrides, flag.removeprefix("--").replace("-", "_")) for name, flag in FLAGS.items()}
    raw = {name: value for name, value in given.items() if value is not None}
    return _read(lambda place: FLAGS[str(place[0])], raw, Path())


def _toml(path: Path) -> dict[str, Any]:
    text = text_of(path)
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not valid TOML: {error}") from None


def _written(place: Place) -> str:
    """A place in the notation of error messages: `reports[2].locale`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def _read(named: Callable[[Place], str], raw: Mapping[str, Any], folder: Path) -> Layer:
    """Validate the values. Invalid ones are reported and left out, so that the rest is checked too."""
    reading = _Reading(folder)
    values = reading.table(CONFIGURATION, raw, ())
    problems = tuple(sentence(f"{named(place)}: {reason}") for place, reason in reading.errors.items())
    return Layer(named, values, frozenset(reading.errors), frozenset(reading.given), problems)


@dataclass
class _Reading:
    """Reads the values of one layer; `errors` holds the rest of each sentence that begins with the place."""

    folder: Path
    errors: dict[Place, str] = field(default_factory=dict)
    given: set[Place] = field(default_factory=set)

    def table(self, table: Table, raw: Mapping[str, Any], at: Place) -> dict[str, Any]:
        """The valid values of a table."""
        found = {name: self._entry(table, name, value, (*at, name)) for name, value in raw.items()}
        return {name: value for name, value in found.items() if value is not _INVALID}

    def _entry(self, table: Table, name: str, raw: Any, at: Place) -> Any:
        self.given.add(at)
        if _is_secret(name):
            return self._refuse(at, IN_ENVIRONMENT)
        expected = table.keys.get(name)
        if not isinstance(expected, Table) or expected.is_list is not isinstance(raw, list):
            self.errors |= dict.fromkeys(_secrets_in(raw, at), IN_ENVIRONMENT)
        match expected:
            case None:
                return self._refuse(at, _unknown(name, table))
            case Table(is_list=True) as below:
                return self._tables(below, raw, at)
            case Table() as below:
                return self.table(below, raw, at) if isinstance(raw, Mapping) else self._refuse(at, _NO_TABLE)
            case Key(kind=ListOf() as kind):
                return self._list(kind, raw, at)
            case Key(kind=ValueKind() as kind):
                return self._value(kind, raw, at)

    def _tables(self, table: Table, raw: Any, at: Place) -> Any:
        if not isinstance(raw, list):
            return self._refuse(at, _no_list(raw))
        if not all(isinstance(item, Mapping) for item in raw):
            return self._refuse(at, _NO_TABLE)
        return tuple(self.table(table, item, (*at, position)) for position, item in enumerate(raw))

    def _list(self, kind: ListOf, raw: Any, at: Place) -> Any:
        if not isinstance(raw, list | tuple):
            return self._refuse(at, _no_list(raw))
        if not raw and kind.needs_items:
            return self._refuse(at, "is an empty list; leave the key out to have all")
        found: dict[Any, Any] = {}
        for position, item in enumerate(raw):
            value = self._value(kind.item, item, (*at, position))
            same = value.canonical if isinstance(value, Mailbox) else value
            if same in found:
                self._refuse((*at, position), f"{shown(item)} is in this list twice; remove one")
            elif value is not _INVALID:
                found[same] = value
        return tuple(found.values()) if found or not raw else _INVALID

    def _value(self, kind: ValueKind, raw: Any, at: Place) -> Any:
        try:
            return kind.parse(raw, self.folder)
        except (ValueError, UsageError, DeliveryError) as error:
            return self._refuse(at, str(error))

    def _refuse(self, at: Place, reason: str) -> Any:
        self.errors[at] = reason
        return _INVALID


_NO_TABLE = "must be a table of keys and values"


def _no_list(raw: Any) -> str:
    return f"{shown(raw)} is not a list; write it in square brackets"


def _is_secret(name: str) -> bool:
    return name not in _NO_SECRETS and bool(_SECRET.search(name.lower().replace("-", "_")))


def _secrets_in(values: Any, at: Place) -> Iterator[Place]:
    """Every place below a value of an unknown or another kind that is named like a secret."""
    parts = values.items() if isinstance(values, Mapping) else enumerate(values) if isinstance(values, list) else ()
    for part, value in parts:
        if isinstance(part, str) and _is_secret(part):
            yield (*at, part)
        else:
            yield from _secrets_in(value, (*at, part))


def _unknown(name: str, table: Table) -> str:
    if near := suggestion(name, table.keys):
        return f"is not a known key{near}"
    homes = [place[:-1] for place, _ in entries() if place[-1] == name]
    if not homes:
        return f"is not a known key; known here are {', '.join(table.keys)}"
    home = f"in [{'.'.join(homes[0])}]" if homes[0] else "at the top of the file, before the first [table]"
    return f"is not a key of this table; it belongs {home}"
