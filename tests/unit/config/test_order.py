"""The order of precedence: default < file < a report's own block < environment < flag, for any set of keys."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from reporter.config.load import load_config, load_environment
from reporter.config.settings import Config, Overrides, ReportConfig
from reporter.delivery.smtp.smtp_settings import Security
from reporter.domain.report import CurrencySource, Paper
from reporter.domain.window import Period, WeekStart

REPORT_KEYS: dict[str, tuple[Any, ...]] = {
    "period": ("day", "month", "quarter", "year"),
    "timezone": ("Europe/Berlin", "America/New_York", "Asia/Kathmandu"),
    "locale": ("de_DE", "en_GB", "fr_FR"),
    "currency": ("EUR", "JPY", "USD"),
    "week_start": ("saturday", "sunday", "monday"),
    "recipients": (["a@example.com"], ["b@example.com", "c@example.com"], []),
    "paper": ("A4", "Letter"),
    "figures": (["messages"], ["sales_rate", "conversations"]),
    "sections": (["pipeline"], []),
}
FLAGS = {
    "period": "period",
    "timezone": "timezone",
    "locale": "locale",
    "currency": "currency",
    "week_start": "week_start",
    "recipients": "to",
}
SERVER_KEYS: dict[tuple[str, str], tuple[str, tuple[Any, ...]]] = {
    ("smtp", "host"): ("HYPERREP_SMTP_HOST", ("one.example.com", "two.example.com")),
    ("smtp", "port"): ("HYPERREP_SMTP_PORT", (2525, 1025)),
    ("smtp", "security"): ("HYPERREP_SMTP_SECURITY", ("tls", "starttls")),
    ("smtp", "from"): ("HYPERREP_SMTP_FROM", ("a@example.com", "B <b@example.com>")),
    ("api", "url"): ("HYPERREP_API_URL", ("https://one.example.com", "https://two.example.com/base")),
}


def loaded(content: Mapping[str, Any], environ: Mapping[str, str], overrides: Overrides) -> Config:
    """The configuration of a file with this content."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "reports.toml"
        path.write_text(tomli_w.dumps(content), "utf-8")
        return load_config(path, environ, overrides)


def some_keys(values: Mapping[str, tuple[Any, ...]]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the keys, each with any of its values."""
    return st.fixed_dictionaries({}, optional={key: st.sampled_from(choices) for key, choices in values.items()})


def said(report: ReportConfig, key: str) -> Any:
    """A report's value as a file would contain it."""
    value = getattr(report, key)
    return [str(item) for item in value] if isinstance(value, tuple) else value


@given(
    top=some_keys(REPORT_KEYS),
    own=some_keys(REPORT_KEYS),
    flags=some_keys({key: REPORT_KEYS[key][:2] for key in FLAGS}),
)
def test_a_flag_goes_over_a_reports_block_and_that_over_the_top(
    top: dict[str, Any], own: dict[str, Any], flags: dict[str, Any]
) -> None:
    """For any set of keys, a report has the last layer's value, or the file's top-level value if its block has none."""
    overrides = Overrides(**{FLAGS[key]: value for key, value in flags.items()})
    config = loaded({**top, "reports": [{"organization": "Acme", **own}]}, {}, overrides)
    for key, value in {**top, **own, **flags}.items():
        assert said(config.reports[0], key) == value
    for key, value in {**top, **flags}.items():
        assert said(config.defaults, key) == value


@given(
    in_file=st.sets(st.sampled_from(sorted(SERVER_KEYS))), in_environment=st.sets(st.sampled_from(sorted(SERVER_KEYS)))
)
def test_the_environment_goes_over_the_file(
    in_file: set[tuple[str, str]], in_environment: set[tuple[str, str]]
) -> None:
    """Each server key has the environment's value if it is set there, else the file's, else its default."""
    content: dict[str, Any] = {"api": {}, "smtp": {"host": "default.example.com", "from": "default@example.com"}}
    for table, key in in_file:
        content[table][key] = SERVER_KEYS[table, key][1][0]
    environ = {SERVER_KEYS[place][0]: str(SERVER_KEYS[place][1][1]) for place in in_environment}
    config = loaded(content, environ, Overrides())
    assert config.smtp is not None
    found = {
        ("smtp", "host"): config.smtp.host,
        ("smtp", "port"): config.smtp.port,
        ("smtp", "security"): config.smtp.security,
        ("smtp", "from"): str(config.smtp.sender),
        ("api", "url"): config.api.url,
    }
    defaults = {
        ("smtp", "host"): "default.example.com",
        ("smtp", "port"): {Security.STARTTLS: 587, Security.TLS: 465}[config.smtp.security],
        ("smtp", "security"): "starttls",
        ("smtp", "from"): "default@example.com",
        ("api", "url"): "https://api.hyperrep.ai",
    }
    for place, (_, (first, second)) in SERVER_KEYS.items():
        expected = second if place in in_environment else first if place in in_file else defaults[place]
        assert found[place] == expected


def test_nothing_configured_gives_the_documented_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file, a variable, or a flag, every value is its default and is marked as not chosen."""
    monkeypatch.chdir(tmp_path)
    config = load_config(None, {}, Overrides())
    report = config.defaults
    assert (config.key, config.smtp, config.ops.recipients, config.output, config.reports) == (
        None,
        None,
        (),
        Path("reports"),
        (),
    )
    assert (report.period, report.timezone, report.locale, report.currency) == (Period.WEEK, "UTC", "en_US", None)
    assert (report.timezone_given, report.currency_given_by, report.template) == (False, None, "executive")
    assert (report.recipients, report.targets, report.organization) == ((), {}, None)


def test_a_mail_server_is_given_what_it_allows() -> None:
    """A server's connection and email limits reach the transport; by default, one connection and no rate limit."""
    server: dict[str, Any] = {"host": "h.example.com", "from": "a@example.com"}
    limits = {"connections": 3, "messages_per_minute": 30, "messages_per_connection": 50}
    given, silent = (loaded({"smtp": values}, {}, Overrides()).smtp for values in ({**server, **limits}, server))
    assert given is not None
    assert silent is not None
    assert (given.connections, given.messages_per_minute, given.messages_per_connection) == (3, 30, 50)
    assert (silent.connections, silent.messages_per_minute, silent.messages_per_connection) == (1, None, 100)


def test_the_file_of_the_working_folder_is_read_only_where_one_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`./hyperrep-report.toml` is read without being named, except if only the environment may be used."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hyperrep-report.toml").write_text('locale = "de_DE"', "utf-8")
    assert load_config(None, {}, Overrides()).defaults.locale == "de_DE"
    assert load_environment({}, Overrides()).defaults.locale == "en_US"


@pytest.mark.parametrize(
    ("locale", "week_start", "paper"),
    [
        ("en_US", WeekStart.SUNDAY, Paper.LETTER),
        ("en_CA", WeekStart.SUNDAY, Paper.LETTER),
        ("en_GB", WeekStart.MONDAY, Paper.A4),
        ("en-GB", WeekStart.MONDAY, Paper.A4),
        ("de", WeekStart.MONDAY, Paper.A4),
        ("fr_DZ", WeekStart.SATURDAY, Paper.A4),
        ("en_MV", WeekStart.MONDAY, Paper.A4),
        ("en_PH", WeekStart.SUNDAY, Paper.LETTER),
    ],
)
def test_week_and_paper_follow_the_locales_territory(locale: str, week_start: WeekStart, paper: Paper) -> None:
    """By default, CLDR determines the first day of the week and the paper size."""
    report = load_environment({}, Overrides(locale=locale)).defaults
    assert (report.week_start, report.paper) == (week_start, paper)


def test_a_currency_knows_who_gave_it() -> None:
    """A currency from an option is distinguished from one in the configuration, even if both are the same."""
    from_file = loaded({"currency": "EUR"}, {}, Overrides()).defaults
    from_option = loaded({"currency": "EUR"}, {}, Overrides(currency="EUR")).defaults
    assert from_file.currency_given_by is CurrencySource.CONFIGURATION
    assert from_option.currency_given_by is CurrencySource.OPTION


def test_tables_are_laid_over_each_other_key_by_key() -> None:
    """A report's brand and targets override the keys that they contain and inherit the rest from the top level."""
    content = {
        "brand": {"footer": "Agency", "color": "#000000"},
        "targets": {"response_rate": 0.5, "conversations": 10},
        "reports": [{"organization": "A", "brand": {"color": "#FFffff"}, "targets": {"response_rate": 0.75}}],
    }
    report = loaded(content, {}, Overrides()).reports[0]
    assert (report.brand.footer, report.brand.color) == ("Agency", "#ffffff")
    assert {key: str(value) for key, value in report.targets.items()} == {
        "response_rate": "0.75",
        "conversations": "10",
    }


def test_a_period_from_the_command_line_makes_one_report_of_an_organizations_several() -> None:
    """`--period month` selects the block for months, and each organization only once."""
    blocks = [
        {"organization": "A", "recipients": ["week@example.com"]},
        {"organization": "A", "period": "month", "recipients": ["month@example.com"]},
        {"organization": "B"},
    ]
    config = loaded({"reports": blocks}, {}, Overrides(period="month"))
    assert [(report.organization, said(report, "recipients")) for report in config.reports] == [
        ("A", ["month@example.com"]),
        ("B", []),
    ]
    assert {report.period for report in config.reports} == {Period.MONTH}


def test_paths_in_the_file_are_relative_to_it(tmp_path: Path) -> None:
    """Logo, output, and template are relative to the configuration file, wherever the command is run."""
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', "utf-8")
    path = tmp_path / "reports.toml"
    path.write_text('output = "archive"\nbrand = { logo = "logo.svg" }', "utf-8")
    config = load_config(path, {}, Overrides())
    assert config.output == tmp_path / "archive"
    assert (config.defaults.brand.logo_type, config.defaults.brand.logo) == (
        "svg",
        (tmp_path / "logo.svg").read_bytes(),
    )
    assert load_config(path, {}, Overrides(output="elsewhere")).output == Path("elsewhere")


def test_an_empty_variable_is_not_set() -> None:
    """A pipeline without a secret sets an empty variable, which counts as not set."""
    config = load_environment({"HYPERREP_API_KEY": "", "HYPERREP_SMTP_HOST": "", "HYPERREP_API_URL": ""}, Overrides())
    assert (config.key, config.smtp, config.api.url) == (None, None, "https://api.hyperrep.ai")
