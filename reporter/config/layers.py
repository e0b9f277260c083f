"""The layers of the configuration: the file, the environment, and the flags.

A layer names its places as the user does, so that errors refer to `reports[2].locale`, `HYPERREP_SMTP_PORT`, or
`--locale`. The precedence of layers is not decided here.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reporter.config.kinds import sentence
from reporter.config.named_files import text_of
from reporter.config.problems import Place, beyond, faults_of, repeated, secrets_in, without, written
from reporter.config.schema import FileKeys, keys
from reporter.config.secrets import IN_ENVIRONMENT
from reporter.config.settings import Overrides
from reporter.config.toml_tables import Keys


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of settings: `values` holds the valid ones, `faulty` the places of the others."""

    named: Callable[[Place], str]
    values: Mapping[str, Any] = field(default_factory=dict)
    faulty: frozenset[Place] = frozenset()
    problems: tuple[str, ...] = ()

    @property
    def is_unread(self) -> bool:
        """Whether its content is unknown because it could not be read at all."""
        return bool(self.problems) and not self.values and not self.faulty


def file_layer(path: Path | None) -> Layer:
    """The settings of the file; empty without a file."""
    if path is None:
        return Layer(written)
    try:
        raw = _toml(path)
    except ValueError as error:
        return Layer(written, problems=(sentence(f"{path}: {error}"),))
    return _checked(lambda place: f"{path}: {written(place)}", raw, path.parent)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """The settings of the environment; an empty variable counts as not set."""
    variables: dict[Place, str] = {key.path: name for key in keys() if (name := key.source("environment"))}
    raw: dict[str, Any] = {}
    for place, variable in variables.items():
        if value := environ.get(variable):
            table = reduce(lambda within, part: within.setdefault(str(part), {}), place[:-1], raw)
            table[str(place[-1])] = value
    return _checked(lambda place: variables[place], raw, Path())


def flag_layer(overrides: Overrides) -> Layer:
    """The settings of the command line."""
    flags = {key.name: flag for key in keys() if len(key.path) == 1 and (flag := key.source("flag"))}
    given = {name: getattr(overrides, flag.removeprefix("--").replace("-", "_")) for name, flag in flags.items()}
    raw = {name: value for name, value in given.items() if value is not None}
    return _checked(lambda place: flags[str(place[0])], raw, Path())


def _checked(named: Callable[[Place], str], raw: Mapping[str, Any], folder: Path) -> Layer:
    """Validate the values. Invalid ones are reported and left out, so that the rest is checked too."""
    faults: dict[Place, str] = dict.fromkeys(secrets_in(raw), IN_ENVIRONMENT)
    try:
        FileKeys.model_validate(without(raw, set(faults)), context=folder)
    except ValidationError as error:
        faults |= faults_of(error)
    faults |= beyond(faults, repeated(raw))
    values = _given(FileKeys.model_validate(without(raw, set(faults)), context=folder))
    problems = tuple(sentence(f"{named(place)}: {reason}") for place, reason in faults.items())
    return Layer(named, values, frozenset(faults), problems)


def _given(table: Keys) -> dict[str, Any]:
    """The given keys, by their names in the file."""
    fields = type(table).model_fields.items()
    return {spec.alias or name: _plain(getattr(table, name)) for name, spec in fields if name in table.model_fields_set}


def _plain(value: Any) -> Any:
    if isinstance(value, Keys):
        return _given(value)
    return tuple(_plain(item) for item in value) if isinstance(value, tuple) else value


def _toml(path: Path) -> dict[str, Any]:
    text = text_of(path)
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not valid TOML: {error}") from None
