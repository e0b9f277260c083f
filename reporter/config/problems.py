"""Errors in one layer of the configuration, one sentence each, and the values left without them.

Values that may be secrets are never shown: those of unknown keys, and those of tables.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reporter.config.kinds import shown, suggestion
from reporter.config.schema import keys
from reporter.config.values import identity

Place = tuple[str | int, ...]
"""Path of a value in a layer, such as `("reports", 2, "locale")`."""

_SECRET = re.compile(r"pass_?w|passphrase|secret|token|credential|(^|_)(api|private|access)?key$|^pass$|^pwd$")

_NO_SECRETS = {"token_command", "token_url", "pdf_password_env"}
"""Keys that are named like a secret but only refer to its source."""

_IN_ORDER = {"token_command"}
"""Lists in which a word may be repeated."""


def written(place: Place) -> str:
    """A place in the notation of error messages: `reports[2].locale`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def secrets_in(values: Any, at: Place = ()) -> Iterator[Place]:
    """Every place whose key is named like a secret, at any depth."""
    parts = values.items() if isinstance(values, Mapping) else enumerate(values) if isinstance(values, list) else ()
    for part, value in parts:
        here = (*at, part)
        if isinstance(part, str) and part not in _NO_SECRETS and _SECRET.search(part.lower().replace("-", "_")):
            yield here
        else:
            yield from secrets_in(value, here)


def faults_of(error: ValidationError) -> dict[Place, str]:
    """The place of each error, and the rest of the sentence that begins with it."""
    found = error.errors(include_url=False)
    # A list with only invalid entries is reported by its entries, not as empty as well.
    told = [details for details in found if details["type"] != "too_short" or not details["input"]]
    return {_whole(details["loc"]): _reason(details) for details in told}


def beyond(faults: Collection[Place], more: Iterable[tuple[Place, str]]) -> dict[Place, str]:
    """Those of `more` that are neither at nor below a place in `faults`."""
    return {
        place: reason
        for place, reason in more
        if not any(place[:depth] in faults for depth in range(1, len(place) + 1))
    }


def repeated(values: Mapping[str, Any], at: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every repeated entry of a list of words, with the fix."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from repeated(value, (*at, key))
        elif isinstance(value, list | tuple) and key not in _IN_ORDER:
            yield from _repeated_in(value, (*at, key))


def without(values: Any, faulty: set[Place], at: Place = ()) -> Any:
    """The values without the faulty ones, and without lists and tables that become empty."""
    if isinstance(values, Mapping):
        kept = {key: without(value, faulty, (*at, key)) for key, value in values.items() if (*at, key) not in faulty}
        return {key: value for key, value in kept.items() if value or not values[key]}
    if isinstance(values, list | tuple):
        places = [((*at, position), value) for position, value in enumerate(values)]
        return [without(value, faulty, place) for place, value in places if place not in faulty]
    return values


def _whole(place: Place) -> Place:
    """The place to mark faulty: all of `reports` if an entry is no table, so that no other entry is renumbered."""
    return place[:1] if len(place) == 2 and place[0] == "reports" else place


def _reason(details: ErrorDetails) -> str:
    match details["type"]:
        case "extra_forbidden":
            return _unknown(details["loc"])
        case "tuple_type":
            return f"{shown(details['input'])} is not a list; write it in square brackets"
        case "too_short":
            return "is an empty list; leave the key out to have all"
        case "value_error":
            return str(details["ctx"]["error"])
        case _:
            return "must be a table of keys and values"


def _unknown(place: Place) -> str:
    table = tuple(part for part in place[:-1] if isinstance(part, str))
    name = str(place[-1])
    known = [key.name for key in keys() if key.path[:-1] == table]
    if near := suggestion(name, known):
        return f"is not a known key{near}"
    homes = [key.path[:-1] for key in keys() if key.name == name]
    if not homes:
        return f"is not a known key; known here are {', '.join(known)}"
    home = f"in [{'.'.join(homes[0])}]" if homes[0] else "at the top of the file, before the first [table]"
    return f"is not a key of this table; it belongs {home}"


def _repeated_in(items: list[Any] | tuple[Any, ...], at: Place) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for position, item in enumerate(items):
        if isinstance(item, Mapping):
            yield from repeated(item, (*at, position))
        elif isinstance(item, str):
            if identity(item) in seen:
                yield (*at, position), f"{shown(item)} stands in this list twice; remove one"
            seen.add(identity(item))
