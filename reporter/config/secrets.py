"""Secrets, accepted only from the environment or a file it names: API key, mail server login, secret URLs."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pydantic import SecretStr

from reporter.config.kinds import safe_url, sentence, shown
from reporter.config.named_files import text_of
from reporter.domain.errors import UsageError
from reporter.domain.extras import installing
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
    OPS_URLS: "Services that tell operators of trouble, one address to a line, as Apprise writes them.",
    HEARTBEAT_URL: "An address that is called whenever a run starts and ends.",
    LEDGER_URL: "A PostgreSQL database for the ledger, as `postgresql://user:password@host/database`, which several "
    "machines can share; without it, the ledger is a file in the archive.",
    PDF_PASSWORD: "A password that the PDFs in mails open with, for the reports that name the variable in "
    "`pdf_password_env`; there may be others, like `HYPERREP_PDF_PASSWORD_ACME`.",
}
"""Each can be given directly, or as the path of a file in the variable with the suffix `_FILE`."""

IN_ENVIRONMENT = (
    f"a secret never stands in this file: set {API_KEY}, {SMTP_PASSWORD}, {CLIENT_SECRET} or {PDF_PASSWORD}, or one of "
    "them with _FILE"
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The valid secrets, and the problems of the others; `given` names both.

    `pdf_passwords` maps variables to passwords; each report may name its own variable.
    """

    key: SecretStr | None
    password: SecretStr | None
    client_secret: SecretStr | None
    services: SecretStr | None
    heartbeat: SecretStr | None
    ledger: SecretStr | None
    pdf_passwords: Mapping[str, SecretStr]
    given: frozenset[str]
    problems: tuple[str, ...]

    @property
    def has_password(self) -> bool:
        """Whether a password was given, even an invalid one."""
        return SMTP_PASSWORD in self.given

    @property
    def is_ledger_in_doubt(self) -> bool:
        """Whether an invalid ledger URL was given."""
        return LEDGER_URL in self.given and self.ledger is None

    @property
    def is_pdf_password_in_doubt(self) -> bool:
        """Whether a PDF password was given or named, but is invalid or missing."""
        return any(name.startswith(PDF_PASSWORD) for name in self.given - self.pdf_passwords.keys())

    @property
    def has_client_secret(self) -> bool:
        """Whether a client secret was given, even an invalid one."""
        return CLIENT_SECRET in self.given


def read_secrets(environ: Mapping[str, str], pdf_passwords: Collection[str] = ()) -> Secrets:
    """Read all secrets from the environment; an empty variable counts as not set.

    Variables of PDF passwords share a prefix; those that reports name, `pdf_passwords`, must be set.
    """
    found = {name: _secret(environ, name) for name in VARIABLES}
    found |= {name: _secret(environ, name) for name in _pdf_passwords(environ)}
    found |= {name: _wanted(environ, name) for name in pdf_passwords}
    key, password, client_secret, services, heartbeat, ledger, _ = (found[name][0] for name in VARIABLES)
    passwords = {name: value for name, (value, _) in found.items() if value and name.startswith(PDF_PASSWORD)}
    given = frozenset(name for name, (value, problem) in found.items() if value or problem)
    problems = tuple(problem for _, problem in found.values() if problem)
    return Secrets(key, password, client_secret, services, heartbeat, ledger, passwords, given, problems)


def _pdf_passwords(environ: Mapping[str, str]) -> list[str]:
    """The variables of PDF passwords that are set, directly or as a file."""
    return [name.removesuffix("_FILE") for name, value in environ.items() if value and name.startswith(PDF_PASSWORD)]


def _secret(environ: Mapping[str, str], name: str) -> tuple[SecretStr | None, str | None]:
    """The secret of this name if it is set, or its problem."""
    try:
        value = _value(environ, name)
        if value and name.startswith(PDF_PASSWORD):
            _refuse_pdf_password(name, value)
        elif value and name in _CHECKS:
            _CHECKS[name](value)
    except (ValueError, UsageError) as error:
        return None, sentence(str(error))
    return (SecretStr(value) if value else None), None


def _wanted(environ: Mapping[str, str], name: str) -> tuple[SecretStr | None, str | None]:
    """As `_secret`, for a secret that the configuration names, so that it must be set."""
    value, problem = _secret(environ, name)
    if value or problem:
        return value, problem
    told = f"{name}: is named for the PDF of a report, and is not set; set it, or {name}_FILE"
    return None, sentence(told if _has_pikepdf() else f"{told}; and it {_NEEDS_PIKEPDF}")


def _refuse_services(lines: str) -> None:
    """Raise ValueError, without showing the lines, if they are invalid or Apprise is missing."""
    for position, line in enumerate(lines.splitlines(), start=1):
        if line.strip() and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", line.strip()):
            raise ValueError(f"{OPS_URLS}: line {position} is no address; write it like json://example.com/path")
    if find_spec("apprise") is None:
        raise ValueError(f"{OPS_URLS}: needs Apprise: {installing('notify')}")


def _refuse_heartbeat(address: str) -> None:
    """Raise ValueError, without showing the address, if it cannot be called."""
    try:
        safe_url(address)
    except ValueError:
        raise ValueError(f"{HEARTBEAT_URL}: is not an address with https://, or on this machine with http://") from None


def _refuse_ledger(address: str) -> None:
    """Raise ValueError, without showing the address, if it is no ledger URL or the driver is missing."""
    from reporter.ledger.database import read_url  # noqa: PLC0415 - database libraries, only if one is named

    try:
        read_url(address)
    except ValueError as error:
        raise ValueError(f"{LEDGER_URL}: {error}") from None
    if find_spec("psycopg") is None:
        raise ValueError(f"{LEDGER_URL}: needs a driver: {installing('postgresql')}")


def _refuse_pdf_password(name: str, password: str) -> None:
    """Raise ValueError, without showing the password, if PDF viewers would differ on it, or pikepdf is missing."""
    try:
        prepared(password)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if not _has_pikepdf():
        raise ValueError(f"{name}: {_NEEDS_PIKEPDF}")


def _has_pikepdf() -> bool:
    return find_spec("pikepdf") is not None


_NEEDS_PIKEPDF = f"needs pikepdf: {INSTALL}"


_CHECKS = {
    API_KEY: checked_key,
    OPS_URLS: _refuse_services,
    HEARTBEAT_URL: _refuse_heartbeat,
    LEDGER_URL: _refuse_ledger,
}


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
