"""Merges file, environment, and flags into one `Config`, or one error with every problem found.

One function, `_resolved`, defines the precedence: default < file < environment < flag. Each step has its own module:
`layers` finds the values, `schema` and `kinds` validate them, and `agreement` checks them against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from reporter.analysis.metrics import FIGURES
from reporter.config import DEFAULT_FILE
from reporter.config.agreement import disagreements, hostless, passwords_named, strays
from reporter.config.layers import environment_layer, file_layer, flag_layer
from reporter.config.locales import paper_of, week_start_of
from reporter.config.login_schema import SOURCES, tokens_of
from reporter.config.schema import FileKeys, ReportKeys
from reporter.config.secrets import Secrets, read_secrets
from reporter.config.settings import Config, Operators, Overrides, ReportConfig
from reporter.delivery.smtp.smtp_settings import Security, SmtpSettings
from reporter.domain.errors import ConfigurationError
from reporter.domain.report import Brand, CurrencySource, Section
from reporter.domain.window import Period
from reporter.hyperrep.access import ApiSettings
from reporter.scheduling.calendar import SendTime

DEFAULT_OUTPUT = Path("reports")
DEFAULT_PERIOD = Period.WEEK
DEFAULT_LOCALE = "en_US"
DEFAULT_TIMEZONE = "UTC"
DEFAULT_TEMPLATE = "executive"
_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}

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
    problems = [*file.problems, *environment.problems, *flags.problems, *(secrets.problems if secrets else ())]
    problems += disagreements(file, environment, secrets)
    faulty = {str(place[0]) for layer in (file, environment, flags) for place in layer.faulty}
    if file.is_unread:
        faulty |= FileKeys.model_fields.keys()
    if hostless(file, environment, secrets):
        faulty.add("smtp")
    if secrets and secrets.is_ledger_in_doubt:
        faulty.add("ledger")
    if secrets and secrets.is_pdf_password_in_doubt:
        faulty.add("pdf_password_env")
    try:
        config = _resolved(file.values, environment.values, flags.values, secrets)
    except (KeyError, ConfigurationError):  # no sender, or an incomplete login: reported by `disagreements`
        if not problems:
            raise
        faulty.add("smtp")
        config = _resolved(_serverless(file.values), _serverless(environment.values), flags.values, secrets)
    problems += strays(config.defaults, *config.reports)
    return LoadedConfig(config, tuple(problems), frozenset(faulty), path)


def _serverless(values: Values) -> Values:
    return {key: value for key, value in values.items() if key != "smtp"}


def _resolved(file: Values, environment: Values, flags: Values, secrets: Secrets | None) -> Config:
    """Merge the layers key by key; the only place that defines their precedence."""
    top = layered(file, environment)
    shared = {name: value for name, value in top.items() if name in ReportKeys.model_fields}
    own = [layered(shared, report) for report in file.get("reports", ())]
    return Config(
        api=_api(top.get("api", {})),
        key=secrets.key if secrets else None,
        smtp=_smtp(top.get("smtp", {}), secrets) if secrets else None,
        ops=_operators(top.get("ops", {}).get("recipients", ()), secrets),
        output=layered(top, flags).get("output", DEFAULT_OUTPUT),
        defaults=_report(shared, flags, secrets),
        reports=tuple(_report(report, flags, secrets) for report in _one_each(own, flags)),
        ledger=secrets.ledger.get_secret_value() if secrets and secrets.ledger else None,
    )


def layered(*layers: Values) -> dict[str, Any]:
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
    for report in sorted(reports, key=lambda report: report.get("period", DEFAULT_PERIOD) is not flags["period"]):
        chosen.setdefault(report.get("organization"), report)
    return [report for report in reports if report is chosen[report.get("organization")]]


def _report(given: Values, flags: Values, secrets: Secrets | None) -> ReportConfig:
    values = layered(given, flags)
    locale = values.get("locale", DEFAULT_LOCALE)
    passwords = secrets.pdf_passwords if secrets else {}
    source = CurrencySource.OPTION if "currency" in flags else CurrencySource.CONFIGURATION
    return ReportConfig(
        organization=values.get("organization"),
        recipients=values.get("recipients", ()),
        period=values.get("period", DEFAULT_PERIOD),
        timezone=values.get("timezone", DEFAULT_TIMEZONE),
        timezone_given="timezone" in values,
        locale=locale,
        currency=values.get("currency"),
        currency_given_by=source if "currency" in values else None,
        week_start=values.get("week_start") or week_start_of(locale),
        template=values.get("template", DEFAULT_TEMPLATE),
        paper=values.get("paper") or paper_of(locale),
        figures=values.get("figures", tuple(FIGURES)),
        sections=values.get("sections", tuple(Section)),
        targets=values.get("targets", {}),
        brand=_brand(values.get("brand", {})),
        send_at=values.get("send_at", SendTime()),
        allowed_domains=values.get("allowed_domains"),
        pdf_password=passwords.get(values.get("pdf_password_env", "")),
    )


def _brand(values: Values) -> Brand:
    logo = values.get("logo")
    words = {name: values.get(name) for name in ("name", "color", "footer")}
    return Brand(**words, logo=logo.content, logo_type=logo.type) if logo else Brand(**words)


def _api(values: Values) -> ApiSettings:
    seconds = {name: float(values[name]) for name in ("timeout", "budget") if name in values}
    return ApiSettings(**{**values, **seconds})


def _operators(recipients: tuple[str, ...], secrets: Secrets | None) -> Operators:
    if secrets is None:
        return Operators(recipients)
    lines = secrets.services.get_secret_value().splitlines() if secrets.services else ()
    return Operators(recipients, tuple(SecretStr(line.strip()) for line in lines if line.strip()), secrets.heartbeat)


def _smtp(values: Values, secrets: Secrets) -> SmtpSettings | None:
    if "host" not in values:
        return None
    security = values.get("security", Security.STARTTLS)
    given = {name: value for name, value in values.items() if name not in {"from", "timeout", *SOURCES}}
    patience = {"timeout": float(values["timeout"])} if "timeout" in values else {}
    settings = {"security": security, "port": _PORTS[security], "sender": values["from"], **given, **patience}
    password = secrets.password.get_secret_value() if secrets.password else None
    return SmtpSettings(**settings, password=password, tokens=tokens_of(values, secrets.client_secret))
