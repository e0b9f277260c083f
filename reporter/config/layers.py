"""The layers of the configuration as they are found: the file, the environment, the flags, and the secrets beside them.

A layer knows how its reader names a place in it, so that a fault is told as `reports[2].locale`, `HYPERREP_SMTP_PORT`
or `--locale`. Nothing here decides which layer wins.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from reporter.config.faults import Place, beyond, faults_of, repeated, secrets_in, without, written
from reporter.config.schema import FileKeys, Keys, keys
from reporter.config.settings import Overrides
from reporter.errors import UsageError
from reporter.hyperrep.access import checked_key

LARGEST_FILE = 1_000_000
API_KEY = "HYPERREP_API_KEY"
SMTP_PASSWORD = "HYPERREP_SMTP_PASSWORD"  # noqa: S105 - a variable's name
SECRETS = {API_KEY: "The key of the API.", SMTP_PASSWORD: "The password of the account on the mail server."}
"""What only the environment may hold, as the variable itself or as the path of a file in the same name and `_FILE`."""

_IN_ENVIRONMENT = f"a secret never stands in this file: set {API_KEY} or {SMTP_PASSWORD}, or one of them with _FILE"


@dataclass(frozen=True, slots=True)
class Layer:
    """One place where settings were found: `values` are those without a fault, `faulty` the places of the others."""

    named: Callable[[Place], str]
    values: Mapping[str, Any] = field(default_factory=dict)
    faulty: frozenset[Place] = frozenset()
    problems: tuple[str, ...] = ()


def file_layer(path: Path | None) -> Layer:
    """What the file says; nothing when there is none to read."""
    if path is None:
        return Layer(written)
    try:
        raw = _toml(path)
    except ValueError as error:
        return Layer(written, problems=(sentence(f"{path}: {error}"),))
    return _checked(lambda place: f"{path}: {written(place)}", raw, path.parent)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """What the environment says; an empty variable says nothing."""
    variables: dict[Place, str] = {key.path: name for key in keys() if (name := key.source("environment"))}
    raw: dict[str, Any] = {}
    for (table, key), variable in variables.items():
        if value := environ.get(variable):
            raw.setdefault(str(table), {})[key] = value
    return _checked(lambda place: variables[place], raw, Path())


def flag_layer(overrides: Overrides) -> Layer:
    """What the command line says."""
    flags = {key.name: flag for key in keys() if len(key.path) == 1 and (flag := key.source("flag"))}
    given = {name: getattr(overrides, flag.removeprefix("--").replace("-", "_")) for name, flag in flags.items()}
    raw = {name: value for name, value in given.items() if value is not None}
    return _checked(lambda place: flags[str(place[0])], raw, Path())


def secret(environ: Mapping[str, str], name: str) -> tuple[SecretStr | None, str | None]:
    """The secret of this name if it is set, and what is wrong with how it is."""
    try:
        value = _secret_text(environ, name)
        if value and name == API_KEY:
            checked_key(value)
    except (ValueError, UsageError) as error:
        return None, sentence(str(error))
    return (SecretStr(value) if value else None), None


def sentence(words: str) -> str:
    """The words with an end, so that each problem is one sentence."""
    return words if words.endswith((".", "?")) else f"{words}."


def _checked(named: Callable[[Place], str], raw: Mapping[str, Any], folder: Path) -> Layer:
    """The layer of these values. What is faulty is told and left out, so that the rest can be looked at as well."""
    faults: dict[Place, str] = dict.fromkeys(secrets_in(raw), _IN_ENVIRONMENT)
    try:
        FileKeys.model_validate(without(raw, set(faults)), context=folder)
    except ValidationError as error:
        faults |= faults_of(error)
    faults |= beyond(faults, repeated(raw))
    values = _given(FileKeys.model_validate(without(raw, set(faults)), context=folder))
    problems = tuple(sentence(f"{named(place)}: {reason}") for place, reason in faults.items())
    return Layer(named, values, frozenset(faults), problems)


def _given(table: Keys) -> dict[str, Any]:
    """The keys that were given, by the names they have in the file."""
    fields = type(table).model_fields.items()
    return {spec.alias or name: _plain(getattr(table, name)) for name, spec in fields if name in table.model_fields_set}


def _plain(value: Any) -> Any:
    if isinstance(value, Keys):
        return _given(value)
    return tuple(_plain(item) for item in value) if isinstance(value, tuple) else value


def _toml(path: Path) -> dict[str, Any]:
    text = _text_of(path)
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not valid TOML: {error}") from None


def _text_of(path: Path) -> str:
    """The whole text of a small file; raises ValueError."""
    try:
        with path.open("rb") as source:
            content = source.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > LARGEST_FILE:
        raise ValueError(f"is larger than {LARGEST_FILE:,} bytes, which no configuration is")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text, byte {error.start + 1} is none; save it as UTF-8") from None


def _secret_text(environ: Mapping[str, str], name: str) -> str | None:
    in_file = f"{name}_FILE"
    value, path = environ.get(name), environ.get(in_file)
    if value and path:
        raise ValueError(f"{name} and {in_file} are both set; unset one of them")
    if path:
        try:
            value = _text_of(Path(path))
        except ValueError as error:
            raise ValueError(f"{in_file}: {path} {error}") from None
        if not value.strip():
            raise ValueError(f"{in_file}: {path} is empty; put the secret into it")
    value = value.rstrip("\r\n") if value else None
    if value and not value.isprintable():
        raise ValueError(f"{in_file if path else name}: holds a line break or an invisible character; remove it")
    return value
