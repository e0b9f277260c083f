"""What only the environment may hold: the API's key and the mail account's password, as a variable or in a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from reporter.config.files import text_of
from reporter.config.kinds import sentence, shown
from reporter.errors import UsageError
from reporter.hyperrep.access import checked_key

API_KEY = "HYPERREP_API_KEY"
SMTP_PASSWORD = "HYPERREP_SMTP_PASSWORD"  # noqa: S105 - a variable's name
VARIABLES = {API_KEY: "The key of the API.", SMTP_PASSWORD: "The password of the account on the mail server."}
"""Each can be given as it is, or as the path of a file in the variable of the same name and `_FILE`."""

IN_ENVIRONMENT = f"a secret never stands in this file: set {API_KEY} or {SMTP_PASSWORD}, or one of them with _FILE"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets that were found, and what is wrong with the others. `has_password` counts a faulty one as given."""

    key: SecretStr | None
    password: SecretStr | None
    has_password: bool
    problems: tuple[str, ...]


def read_secrets(environ: Mapping[str, str]) -> Secrets:
    """Every secret of the environment; an empty variable is none."""
    key, key_problem = _secret(environ, API_KEY)
    password, password_problem = _secret(environ, SMTP_PASSWORD)
    problems = tuple(problem for problem in (key_problem, password_problem) if problem)
    return Secrets(key, password, bool(password or password_problem), problems)


def _secret(environ: Mapping[str, str], name: str) -> tuple[SecretStr | None, str | None]:
    """The secret of this name if it is set, or what is wrong with how it is."""
    try:
        value = _value(environ, name)
        if value and name == API_KEY:
            checked_key(value)
    except (ValueError, UsageError) as error:
        return None, sentence(str(error))
    return (SecretStr(value) if value else None), None


def _value(environ: Mapping[str, str], name: str) -> str | None:
    file_variable = f"{name}_FILE"
    value, path = environ.get(name), environ.get(file_variable)
    if value and path:
        raise ValueError(f"{name} and {file_variable} are both set; unset one of them")
    if path:
        value = _in_file(file_variable, path)
    value = value.rstrip("\r\n") if value else None
    if value and not value.isprintable():
        raise ValueError(f"{file_variable if path else name}: holds a line break or an invisible character; remove it")
    return value


def _in_file(variable: str, path: str) -> str:
    try:
        value = text_of(Path(path))
    except ValueError as error:
        raise ValueError(f"{variable}: {shown(path)} {error}") from None
    if not value.strip():
        raise ValueError(f"{variable}: {shown(path)} is empty; put the secret into it")
    return value
