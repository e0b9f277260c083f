"""What a run on another machine needs there beside the file: secrets in its environment, and extras."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reporter.config.cross_checks import TOKEN_SOURCES, passwords_named, smtp_keys
from reporter.config.layers import environment_layer, file_layer
from reporter.config.secrets import (
    API_KEY,
    CLIENT_SECRET,
    HEARTBEAT_URL,
    LEDGER_URL,
    OPS_URLS,
    PDF_PASSWORD,
    SMTP_PASSWORD,
    VARIABLES,
)
from reporter.config.settings import ReportConfig
from reporter.rendering.translation import parse_locale
from reporter.rendering.typefaces import is_east_asian


@dataclass(frozen=True, slots=True)
class Need:
    """A secret by its variable; one that is not `certain` is optional."""

    variable: str
    certain: bool

    @property
    def name(self) -> str:
        """The name of its file, or of its key in a secret store: `api-key` for `HYPERREP_API_KEY`."""
        return self.variable.removeprefix("HYPERREP_").lower().replace("_", "-")


def secrets_needed(path: Path | None, environ: Mapping[str, str]) -> tuple[Need, ...]:
    """The secrets that the file requires or that are set here, then the optional ones."""
    file = file_layer(path)
    smtp = smtp_keys(file, environment_layer(environ))
    here = (name for name in VARIABLES if name != PDF_PASSWORD and (environ.get(name) or environ.get(f"{name}_FILE")))
    certain = dict.fromkeys([API_KEY, *_login(smtp), *here, *passwords_named(file)])
    possible = [HEARTBEAT_URL] if smtp.intersection(TOKEN_SOURCES) else [SMTP_PASSWORD, HEARTBEAT_URL]
    return (
        *(Need(name, certain=True) for name in certain),
        *(Need(name, certain=False) for name in possible if name not in certain),
    )


def extras_needed(reports: Iterable[ReportConfig], secrets: Iterable[Need]) -> tuple[str, ...]:
    """The package extras that these reports and secrets need, sorted by name."""
    asked = {need.variable for need in secrets if need.certain}
    needed = {
        "cjk": any(is_east_asian(parse_locale(report.locale)) for report in reports),
        "notify": OPS_URLS in asked,
        "password": any(name.startswith(PDF_PASSWORD) for name in asked),
        "postgresql": LEDGER_URL in asked,
    }
    return tuple(extra for extra, is_needed in needed.items() if is_needed)


def _login(smtp: set[str]) -> Iterator[str]:
    """The secret of the login to the mail server, if the configuration has a login."""
    if "microsoft" in smtp and "microsoft.certificate_file" not in smtp:
        yield CLIENT_SECRET
    if "username" in smtp and not smtp.intersection(TOKEN_SOURCES):
        yield SMTP_PASSWORD
