"""Merges file, environment, and flags into one `Config`, or one error with every problem found.

One function, `_resolved`, defines the precedence: default < file < environment < flag. Each step has its own module:
`layers` finds the values, `schema` and `kinds` validate them, and `cross_checks` checks them against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from reporter.config import DEFAULT_FILE
from reporter.config.cross_checks import TOKEN_SOURCES, hostless, inconsistencies, passwords_named, refused_recipients
from reporter.config.layers import environment_layer, file_layer, flag_layer
from reporter.config.schema import CONFIGURATION, REPORT_KEYS
from reporter.config.secrets import (
    API_KEY,
    CLIENT_SECRET,
    HEARTBEAT_URL,
    LEDGER_URL,
    OPS_URLS,
    PDF_PASSWORD,
    SMTP_PASSWORD,
    Secrets,
    read_secrets,
)
from reporter.config.settings import DEFAULT_LOCALE, Config, Operators, Overrides, ReportConfig
from reporter.config.smtp_schema import MICROSOFT_SCOPE
from reporter.delivery.smtp.smtp_settings import (
    GoogleServiceAccount,
    MicrosoftApplication,
    Security,
    SmtpSettings,
    TokenCommand,
)
from reporter.domain.errors import ConfigurationError
from reporter.domain.report import Brand, CurrencySource, Paper
from reporter.domain.window import Period, WeekStart
from reporter.hyperrep.access import ApiSettings
from reporter.rendering.translation import parse_locale

LETTER_TERRITORIES = frozenset({"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"})
"""CLDR's supplemental `paperSize type="US-Letter"`, which Babel leaves out."""

_WEEK_STARTS = {0: WeekStart.MONDAY, 5: WeekStart.SATURDAY, 6: WeekStart.SUNDAY}
"""By CLDR's number of the day; the few territories that use another day get Monday."""

DEFAULT_OUTPUT = Path("reports")
_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_MICROSOFT_ENDPOINT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """The valid part of a configuration, and every problem.

    `faulty` names the top-level keys and tables with errors: their values in `config` may be unintended defaults. An
    inconsistent mail server is left out of `config`. `file` is None if none is used.
    """

    config: Config
    problems: tuple[str, ...]
    faulty: frozenset[str]
    file: Path | None

    def sound(self) -> Config:
        """The configuration for a run. Raises ConfigurationError with every problem, each one sentence."""
        if self.problems:
            raise ConfigurationError(self.problems)
        return self.config


def load_config(path: Path | None, environ: Mapping[str, str], overrides: Overrides, *, secrets: bool = True) -> Config:
    """Load the configuration of a run; without a path, `./hyperrep-report.toml` if it exists.

    Paths in the file are relative to its folder, all others to the working directory. Without `secrets`, for a run on
    another machine, no secret is read, and `key` and `smtp` are None.

    Raises:
        ConfigurationError: with every problem of the file, the environment, and the flags, each one sentence.
    """
    return _examined(_chosen(path), environ, overrides, with_secrets=secrets).sound()


def load_environment(environ: Mapping[str, str], overrides: Overrides) -> Config:
    """Load the configuration as `load_config` does, without a file. Raises ConfigurationError."""
    return examine_environment(environ, overrides).sound()


def examine_config(path: Path | None, environ: Mapping[str, str], overrides: Overrides) -> LoadedConfig:
    """Load the configuration and its problems without raising; runs must not use it if it has any."""
    return _examined(_chosen(path), environ, overrides)


def examine_environment(environ: Mapping[str, str], overrides: Overrides) -> LoadedConfig:
    """Load the configuration as `examine_config` does, without a file."""
    return _examined(None, environ, overrides)


def _chosen(path: Path | None) -> Path | None:
    return path or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)


def _examined(
    path: Path | None, environ: Mapping[str, str], overrides: Overrides, *, with_secrets: bool = True
) -> LoadedConfig:
    file, environment, flags = file_layer(path), environment_layer(environ), flag_layer(overrides)
    secrets = read_secrets(environ, passwords_named(file)) if with_secrets else None
    problems = [*file.problems, *environment.problems, *flags.problems]
    problems += [*(secrets.problems.values() if secrets else ()), *inconsistencies(file, environment, secrets)]
    faulty = {str(place[0]) for layer in (file, environment, flags) for place in layer.faulty}
    if file.is_unread:
        faulty |= CONFIGURATION.keys.keys()
    if hostless(file, environment, secrets):
        faulty.add("smtp")
    if secrets and LEDGER_URL in secrets.problems:
        faulty.add("ledger")
    if secrets and any(name.startswith(PDF_PASSWORD) for name in secrets.problems):
        faulty.add("pdf_password_env")
    try:
        config = _resolved(file.values, environment.values, flags.values, secrets)
    except (KeyError, ConfigurationError):  # no sender, or an incomplete login: reported by `inconsistencies`
        if not problems:
            raise
        faulty.add("smtp")
        config = _resolved(_serverless(file.values), _serverless(environment.values), flags.values, secrets)
    problems += refused_recipients(config.defaults, *config.reports)
    return LoadedConfig(config, tuple(problems), frozenset(faulty), path)


def _serverless(values: Values) -> Values:
    return {key: value for key, value in values.items() if key != "smtp"}


def _resolved(file: Values, environment: Values, flags: Values, secrets: Secrets | None) -> Config:
    """Merge the layers key by key; the only place that defines their precedence."""
    top = _layered(file, environment)
    shared, override = (_of_reports(values) for values in (top, flags))
    own = [_layered(shared, report) for report in file.get("reports", ())]
    valid = secrets.valid if secrets else {}
    return Config(
        api=ApiSettings(**top.get("api", {})),
        key=valid.get(API_KEY),
        smtp=_smtp(top.get("smtp", {}), secrets) if secrets else None,
        ops=_operators(top.get("ops", {}), valid),
        output=_layered(top, flags).get("output", DEFAULT_OUTPUT),
        defaults=_report(shared, override, valid),
        reports=tuple(_report(report, override, valid) for report in _one_each(own, flags)),
        ledger=secrets.text(LEDGER_URL) if secrets else None,
    )


def _of_reports(values: Values) -> Values:
    return {name: value for name, value in values.items() if name in REPORT_KEYS}


def _layered(*layers: Values) -> dict[str, Any]:
    """The layers merged, later over earlier: tables key by key, lists as a whole."""
    return reduce(_laid, layers, {})


def _laid(under: Values, over: Values) -> dict[str, Any]:
    both = {key for key in over if isinstance(under.get(key), Mapping) and isinstance(over[key], Mapping)}
    return {**under, **over, **{key: _laid(under[key], over[key]) for key in both}}


def _one_each(reports: list[dict[str, Any]], flags: Values) -> list[dict[str, Any]]:
    """With `--period`, keep one report per organization: the one with that period, else the first."""
    if "period" not in flags:
        return reports
    chosen: dict[str | None, dict[str, Any]] = {}
    for report in sorted(reports, key=lambda report: report.get("period", Period.WEEK) is not flags["period"]):
        chosen.setdefault(report.get("organization"), report)
    return [report for report in reports if report is chosen[report.get("organization")]]


def _report(given: Values, flags: Values, secrets: Mapping[str, SecretStr]) -> ReportConfig:
    values = _layered(given, flags)
    locale = parse_locale(values.get("locale", DEFAULT_LOCALE))
    by_territory = {
        "week_start": _WEEK_STARTS.get(locale.first_week_day, WeekStart.MONDAY),
        "paper": Paper.LETTER if locale.territory in LETTER_TERRITORIES else Paper.A4,
    }
    source = CurrencySource.OPTION if "currency" in flags else CurrencySource.CONFIGURATION
    logo, logo_type = values.get("brand", {}).get("logo", (None, None))
    derived = {
        "timezone_given": "timezone" in values,
        "currency_given_by": source if "currency" in values else None,
        "brand": Brand(**{**values.get("brand", {}), "logo": logo, "logo_type": logo_type}),
        "pdf_password": secrets.get(values.pop("pdf_password_env", "")),
    }
    return ReportConfig(**{**by_territory, **values, **derived})


def _operators(ops: Values, secrets: Mapping[str, SecretStr]) -> Operators:
    lines = secrets[OPS_URLS].get_secret_value().splitlines() if OPS_URLS in secrets else ()
    services = tuple(SecretStr(line.strip()) for line in lines if line.strip())
    return Operators(ops.get("recipients", ()), services, secrets.get(HEARTBEAT_URL))


def _smtp(values: Values, secrets: Secrets) -> SmtpSettings | None:
    """The mail server, None without a host. Raises KeyError for missing values, which `cross_checks` reports."""
    if "host" not in values:
        return None
    security = values.get("security", Security.STARTTLS)
    settings = {name: value for name, value in values.items() if name not in {"from", *TOKEN_SOURCES}}
    return SmtpSettings(
        **{"security": security, "port": _PORTS[security], "sender": values["from"], **settings},
        password=secrets.text(SMTP_PASSWORD),
        tokens=_tokens(values, secrets.text(CLIENT_SECRET)),
    )


def _tokens(
    smtp: Values, client_secret: str | None
) -> TokenCommand | MicrosoftApplication | GoogleServiceAccount | None:
    """The configured source of tokens, or None. Raises KeyError for missing values."""
    if "token_command" in smtp:
        return TokenCommand(smtp["token_command"])
    if "microsoft" in smtp:
        values = smtp["microsoft"]
        identity = client_secret or values["certificate_file"]
        url = values.get("token_url") or _MICROSOFT_ENDPOINT.format(tenant=values["tenant"])
        return MicrosoftApplication(values["client_id"], identity, url, values.get("scope", MICROSOFT_SCOPE))
    if "google" in smtp:
        account: GoogleServiceAccount = smtp["google"]["key_file"]
        return replace(account, token_url=smtp["google"].get("token_url", account.token_url))
    return None
