"""Secrets, accepted only from the environment or a file it names: API key, mail server login, secret URLs."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pydantic import SecretStr

from reporter.config.kinds import sentence, shown, text_of
from reporter.config.values import safe_url
from reporter.domain.errors import UsageError, installing
from reporter.hyperrep.access import checked_key
from reporter.rendering.encryption import INSTALL, prepared

API_KEY = "HYPERREP_API_KEY"
SMTP_PASSWORD = "HYPERREP_SMTP_PASSWORD"  # noqa: S105 - a variable's name
CLIENT_SECRET = "HYPERREP_SMTP_CLIENT_SECRET"  # noqa: S105 - a variable's name
OPS_URLS = "HYPERREP_OPS_URLS"
HEARTBEAT_URL = "HYPERREP_HEARTBEAT_URL"
LEDGER_URL = "HYPERREP_LEDGER_URL"
PDF_PASSWORD = "HYPERREP_PDF_PASSWORD"  # noqa: S105 - a variable's name
VARIABLES = {
    API_KEY: "The key of the API.",
    SMTP_PASSWORD: "The password of the account on the mail server.",
    CLIENT_SECRET: "The secret of the application in `[smtp.microsoft]`.",
    OPS_URLS: "Services that get operator alerts, as Apprise URLs, one per line.",
    HEARTBEAT_URL: "A URL that is requested when a run starts and when it ends.",
    LEDGER_URL: "A PostgreSQL database for the ledger, as `postgresql://user:password@host/database`, which several "
    "machines can share; without it, the ledger is a file in the archive.",
    PDF_PASSWORD: "The password of the PDFs in emails, for the reports that name this variable in `pdf_password_env`; "
    "there may be others, like `HYPERREP_PDF_PASSWORD_ACME`.",
}
"""Each can be given directly, or as the path of a file in the variable with the suffix `_FILE`."""

IN_ENVIRONMENT = (
    f"a secret does not belong in this file: set {API_KEY}, {SMTP_PASSWORD}, {CLIENT_SECRET} or {PDF_PASSWORD}, or one "
    "of them with _FILE"
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The valid secrets, and the problems of the invalid ones, both by variable."""

    valid: Mapping[str, SecretStr]
    problems: Mapping[str, str]

    def __contains__(self, name: str) -> bool:
        """Whether this secret was given, even an invalid one."""
        return name in self.valid or name in self.problems

    def text(self, name: str) -> str | None:
        """The secret itself; None if it was not given or is invalid."""
        return self.valid[name].get_secret_value() if name in self.valid else None


def read_secrets(environ: Mapping[str, str], pdf_passwords: Collection[str] = ()) -> Secrets:
    """Read all secrets from the environment; an empty variable counts as not set.

    Variables of PDF passwords share a prefix; those that reports name, `pdf_passwords`, must be set.
    """
    valid, problems = {}, {}
    also = (name.removesuffix("_FILE") for name, value in environ.items() if value and name.startswith(PDF_PASSWORD))
    for name in dict.fromkeys([*VARIABLES, *also, *pdf_passwords]):
        try:
            if value := _secret(environ, name, is_named=name in pdf_passwords):
                valid[name] = SecretStr(value)
        except ValueError as error:
            problems[name] = sentence(str(error))
    return Secrets(valid, problems)


def _secret(environ: Mapping[str, str], name: str, *, is_named: bool) -> str | None:
    """The secret of this variable, None if it is not set. Raises ValueError, which does not show it."""
    value = _value(environ, name)
    if not value:
        if is_named:
            needs = "" if find_spec("pikepdf") else f"; and it {_NEEDS_PIKEPDF}"
            raise ValueError(f"{name}: is named for the PDF of a report, and is not set; set it, or {name}_FILE{needs}")
        return None
    try:
        check = _check_pdf_password if name.startswith(PDF_PASSWORD) else _CHECKS.get(name, str)
        check(value)
    except (ValueError, UsageError) as error:
        raise ValueError(f"{name}: {error}") from None
    return value


def _value(environ: Mapping[str, str], name: str) -> str | None:
    file_variable = f"{name}_FILE"
    value, path = environ.get(name), environ.get(file_variable)
    if value and path:
        raise ValueError(f"{name} and {file_variable} are both set; unset one of them")
    if path:
        value = _in_file(file_variable, path)
    value = value.rstrip("\r\n") if value else None
    lines = value.splitlines() if value and name == OPS_URLS else [value or ""]
    if not all(line.isprintable() for line in lines):
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


def _check_services(lines: str) -> None:
    """Refuse invalid lines, and any if Apprise is missing."""
    for position, line in enumerate(lines.splitlines(), start=1):
        if line.strip() and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", line.strip()):
            raise ValueError(f"line {position} is no address; write it like json://example.com/path")
    if find_spec("apprise") is None:
        raise ValueError(f"needs Apprise: {installing('notify')}")


def _check_heartbeat(address: str) -> None:
    try:
        safe_url(address)
    except ValueError:
        raise ValueError("is not an address with https://, or on this machine with http://") from None


def _check_ledger(address: str) -> None:
    """Refuse what is no ledger URL, and any if the driver is missing."""
    from reporter.ledger.database import read_url  # noqa: PLC0415 - database libraries, only if one is named

    read_url(address)
    if find_spec("psycopg") is None:
        raise ValueError(f"needs a driver: {installing('postgresql')}")


def _check_pdf_password(password: str) -> None:
    """Refuse a password on which PDF viewers would differ, and any if pikepdf is missing."""
    prepared(password)
    if find_spec("pikepdf") is None:
        raise ValueError(_NEEDS_PIKEPDF)


_NEEDS_PIKEPDF = f"needs pikepdf: {INSTALL}"

_CHECKS = {
    API_KEY: checked_key,
    OPS_URLS: _check_services,
    HEARTBEAT_URL: _check_heartbeat,
    LEDGER_URL: _check_ledger,
}
