"""What only the environment may hold, as a variable or in a file: the API's key and what logs in to the mail server."""

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
CLIENT_SECRET = "HYPERREP_SMTP_CLIENT_SECRET"  # noqa: S105 - a variable's name
VARIABLES = {
    API_KEY: "The key of the API.",
    SMTP_PASSWORD: "The password of the account on the mail server.",
    CLIENT_SECRET: "The secret of the application in `[smtp.microsoft]`.",
}
"""Each can be given as it is, or as the path of a file in the variable of the same name and `_FILE`."""

IN_ENVIRONMENT = (
    f"a secret never stands in this file: set {API_KEY}, {SMTP_PASSWORD} or {CLIENT_SECRET}, or one of them with _FILE"
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets that were found, and what is wrong with the others; `given` names both."""

    key: SecretStr | None
    password: SecretStr | None
    client_secret: SecretStr | None
    given: frozenset[str]
    problems: tuple[str, ...]

    @property
    def has_password(self) -> bool:
        """Whether a password was given, be it a faulty one."""
        return SMTP_PASSWORD in self.given

    @property
    def has_client_secret(self) -> bool:
        """Whether an application's secret was given, be it a faulty one."""
        return CLIENT_SECRET in self.given


def read_secrets(environ: Mapping[str, str]) -> Secrets:
    """Every secret of the environment; an empty variable is none."""
    found = {name: _secret(environ, name) for name in VARIABLES}
    key, password, client_secret = (found[name][0] for name in (API_KEY, SMTP_PASSWORD, CLIENT_SECRET))
    given = frozenset(name for name, (value, problem) in found.items() if value or problem)
    problems = tuple(problem for _, problem in found.values() if problem)
    return Secrets(key, password, client_secret, given, problems)


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
