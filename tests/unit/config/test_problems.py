"""The errors of a wrong configuration: all at once, each in a sentence that names its place."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from reporter.config.load import load_config, load_environment
from reporter.config.settings import Overrides
from reporter.domain.errors import ConfigurationError

FAULTS: dict[tuple[str, ...], Any] = {
    ("period",): "fortnight",
    ("timezone",): "Europe/Berln",
    ("locale",): "de_XX",
    ("currency",): "usd",
    ("week_start",): "tuesday",
    ("send_at",): "noon",
    ("template",): "no-such-template",
    ("paper",): "A5",
    ("recipients",): "a@example.com",
    ("figures",): [],
    ("sections",): ["appendix"],
    ("output",): "reports.toml",
    ("perod",): "week",
    ("api_key",): "hush",
    ("targets", "response_rate"): 80,
    ("targets", "respnse_time"): 1,
    ("brand", "color"): "blue",
    ("brand", "logo"): "missing.svg",
    ("api", "url"): "http://api.example.com",
    ("api", "concurrency"): True,
    ("api", "timeout"): 0,
    ("smtp", "host"): "two words",
    ("smtp", "port"): 70000,
    ("smtp", "from"): "nobody",
    ("smtp", "username"): "line\nbreak",
    ("smtp", "ca_file"): "missing.pem",
    ("smtp", "password"): "hush",
    ("smtp", "token_command"): "gcloud auth",
    ("smtp", "client_secret"): "hush",
    ("smtp", "microsoft", "tenant"): "a/b",
    ("smtp", "microsoft", "token_url"): "http://login.example.com/token",
    ("smtp", "microsoft", "certificate_file"): "missing.pem",
    ("smtp", "google", "key_file"): "missing.json",
    ("ops", "recipients"): ["x"],
}
VARIABLES = {
    "HYPERREP_API_URL": "ftp://example.com",
    "HYPERREP_SMTP_PORT": "many",
    "HYPERREP_SMTP_SECURITY": "ssl",
    "HYPERREP_API_KEY": "two words",
}
FLAGS: dict[str, Any] = {
    "timezone": "Nowhere",
    "locale": "zz",
    "currency": "Euro",
    "week_start": "friday",
    "period": "decade",
    "to": ("nobody",),
}


def problems(content: str | bytes, overrides: Overrides | None = None, **environ: str) -> tuple[str, ...]:
    """The errors of a file `reports.toml` with this content."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "reports.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        try:
            load_config(path, environ, overrides or Overrides())
        except ConfigurationError as error:
            return error.problems
        return ()


def nested(faults: set[tuple[str, ...]]) -> dict[str, Any]:
    """A file's content with these errors and no others."""
    content: dict[str, Any] = {}
    for path in sorted(faults):
        table = content
        for part in path[:-1]:
            table = table.setdefault(part, {})
        table[path[-1]] = FAULTS[path]
    return content


LOGINS = {"token_command", "microsoft", "google"}
"""Logins in which a missing part, or a second login, is a separate error."""

INDEPENDENT = sorted(path for path in FAULTS if not set(path) & LOGINS)


@given(
    in_file=st.sets(st.sampled_from(INDEPENDENT)),
    in_a_report=st.sets(st.sampled_from(sorted(path for path in FAULTS if path[0] in {"period", "locale", "targets"}))),
    variables=st.sets(st.sampled_from(sorted(VARIABLES))),
    flags=st.sets(st.sampled_from(sorted(FLAGS))),
)
def test_as_many_sentences_as_faults(
    in_file: set[tuple[str, ...]], in_a_report: set[tuple[str, ...]], variables: set[str], flags: set[str]
) -> None:
    """Any set of independent errors in file, environment, and flags is reported in full, one sentence for each."""
    # A host without a sender, or a password without a host, would be an error of its own.
    in_file = in_file | {("smtp", "host"), ("smtp", "from"), ("smtp", "username")}
    content = {**nested(in_file), "reports": [{"organization": "A", **nested(in_a_report)}]}
    environ = {name: VARIABLES[name] for name in variables} | {"HYPERREP_SMTP_PASSWORD": "hush"}
    found = problems(tomli_w.dumps(content), Overrides(**{name: FLAGS[name] for name in flags}), **environ)
    assert len(found) == len(in_file) + len(in_a_report) + len(variables) + len(flags), "\n".join(found)
    assert all("\n" not in problem and problem.endswith((".", "?")) for problem in found)
    assert not any("hush" in problem for problem in found)
    for path in in_file:
        assert any(f"reports.toml: {'.'.join(path)}" in problem for problem in found)
    for path in in_a_report:
        assert any(f"reports.toml: reports[0].{'.'.join(path)}: " in problem for problem in found)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            'timezone = "berlin"',
            "timezone: 'berlin' is not a time zone of the IANA database; did you mean 'Europe/Berlin'?",
        ),
        ('timezone = "localtime"', "timezone: 'localtime' is not a time zone of the IANA database"),
        ('currency = "eur"', "currency: 'eur' is not an ISO 4217 currency code; did you mean \"EUR\"?"),
        ('locale = "cy_GB"', "locale: There is no translation for the locale 'cy_GB'"),
        ("locale = 5", "locale: 5 is not text; write it in quotes."),
        ('locale = ""', "locale: is empty; give it a value or leave the key out."),
        ("period = true", "period: true is not text; write it in quotes."),
        ('perid = "week"', "perid: is not a known key; did you mean 'period'?"),
        ('zzz = "week"', "zzz: is not a known key; known here are period, "),
        ('host = "x"', "host: is not a key of this table; it belongs in [smtp]."),
        ('[smtp]\noutput = "x"', "smtp.output: is not a key of this table; it belongs at the top of the file"),
        ("smtp = 3", "smtp: must be a table of keys and values."),
        ("reports = [3]", "reports: must be a table of keys and values."),
        ("[reports]", "reports: a table is not a list; write it in square brackets."),
        ("[[reports]]", "reports[0].organization: is missing; give the organization's name or organization_id."),
        ("[[reports]]\norganization = 3", "reports[0].organization: 3 is no organization"),
        ('recipients = ["a@b.de", "c@b.de", "A <a@B.de>"]', "recipients[2]: 'A <a@B.de>' is in this list twice"),
        ('recipients = ["a@b.de\\nBcc: c@d.de"]', "recipients[0]: 'a@b.de\\nBcc: c@d.de' holds a line break"),
        ('figures = ["messages", "messages"]', "figures[1]: 'messages' is in this list twice; remove one."),
        ('figures = ["mesages"]', "figures[0]: 'mesages' is not one of response_rate"),
        ("[targets]\nresponse_rate = 80", "targets.response_rate: 80 is not a number from 0.0001 to 1."),
        ("[targets]\nresponse_time = 0", "targets.response_time: 0 is not a number"),
        ("[targets]\nresponse_time = nan", "targets.response_time: NaN is not a number"),
        ('[smtp]\nport = "x"', "smtp.port: 'x' is not a whole number from 1 to 65535."),
        ("[smtp]\nport = 58.5", "smtp.port: 58.5 is not a whole number from 1 to 65535."),
        ('[smtp]\nfrom = "a@b.de"\nhost = "h.de"\nusername = "u"', "smtp: there is a username but no password"),
        ('[smtp]\nhost = "h.de"', "smtp: there is a host but no sender; set smtp.from or HYPERREP_SMTP_FROM."),
        ('[api]\ntoken = "x"', "api.token: a secret does not belong in this file: set HYPERREP_API_KEY"),
        (
            '[[reports]]\norganization="A"\n[reports.smtp]\nport = 1',
            "reports[0].smtp: is not a key of this table; it belongs at the top",
        ),
        (
            '[[reports]]\norganization="A"\nPass-Word = "x"',
            "reports[0].Pass-Word: a secret does not belong in this file",
        ),
        ('[brand]\nname = "a\\u202eb"', "brand.name: 'a\\u202eb' holds a line break or an invisible character"),
        ('[brand]\ncolor = "#12345"', "brand.color: '#12345' is not a color"),
        (f'[brand]\nname = "{"x" * 301}"', "is 301 characters long; 300 is the most."),
        ('send_at = "7"', "send_at: '7' is not a time: write it like 'Mon 07:00', '1 07:00'"),
        ('send_at = "Mo 07:00"', "send_at: 'Mo 07:00' is not a time"),
        ('send_at = "31 07:00"', "send_at: '31 07:00': the day must be from 1 to 28"),
        ('send_at = "1 07:00"', "send_at: names a day of the month, but the period is week; give it one that fits"),
        (
            'send_at = "Mon 07:00"\n[[reports]]\norganization="A"\n[[reports]]\norganization="A"\nperiod="month"',
            "reports[1].send_at: names a weekday, but the period is month; give it one that fits, like '07:00'.",
        ),
        ("x = ", "reports.toml: is not valid TOML: Invalid value (at end of document)."),
        ('a = 1\nb = "', "reports.toml: is not valid TOML: Unterminated string (at end of document)."),
        ("a = 1\n???", "reports.toml: is not valid TOML: Invalid statement (at line 2, column 1)."),
        (b"x = '\xff'", "reports.toml: is not UTF-8 text, byte 6 is none; save it as UTF-8."),
        ("x = " + "[" * 5000, "reports.toml: is not valid TOML: "),
        ("#" * 1_000_001, "reports.toml: is larger than 1,000,000 bytes"),
    ],
)
def test_the_sentence_names_place_value_and_remedy(content: str | bytes, sentence: str) -> None:
    """Each kind of error is the only one found, and its sentence says how to fix it."""
    (found,) = problems(content)
    assert sentence in found


@pytest.mark.parametrize(
    ("text", "place"),
    [('recipients = [{password = "x"}]', "recipients[0].password"), ('[reports]\npassword = "x"', "reports.password")],
)
def test_a_secret_is_found_in_a_value_of_another_kind(text: str, place: str) -> None:
    """A secret is named with its place, beside the value that is not what the key takes."""
    found = problems(text)
    assert len(found) == 2
    assert any(f" {place}: a secret does not belong in this file" in sentence for sentence in found), found


def test_a_file_that_a_windows_editor_wrote_is_read() -> None:
    """A byte order mark and CRLF line endings are accepted."""
    assert problems(b'\xef\xbb\xbflocale = "de_DE"\r\ncurrency = "EUR"\r\n') == ()


def test_an_organization_has_one_report_for_each_period() -> None:
    """The same organization twice is refused for one period, whatever the case of its name, and allowed for two."""
    blocks = '[[reports]]\norganization = "Acme"\n[[reports]]\norganization = "ACME"\n'
    (found,) = problems(blocks)
    assert "reports[1].organization: 'ACME' has a week report already in reports[0]" in found
    assert problems(blocks + 'period = "month"') == ()
    wrong_at_the_top = 'period = "fortnight"\n' + blocks + 'period = "week"'
    assert len(problems(wrong_at_the_top)) == 1, "what the top says is not known, so no block repeats another"
    assert len(problems('period = "month"\n' + blocks + 'period = "month"')) == 1


def test_blocks_without_an_organization_are_told_whatever_the_flags() -> None:
    """With a period on the command line, a block without an organization is still reported in one sentence."""
    assert len(problems("[[reports]]\n[[reports]]\norganization = 3", Overrides(period="month"))) == 2


def test_what_stands_in_a_faulty_table_is_not_missed() -> None:
    """If `smtp` is not a table, the missing sender for the environment's host is not reported as well."""
    assert len(problems("smtp = 3", HYPERREP_SMTP_HOST="smtp.example.com")) == 1


@pytest.mark.parametrize("value", ["https://user:hush@example.com", "https://example.com/?key=hush"])
def test_a_secret_in_an_address_is_not_repeated(value: str) -> None:
    """A URL that may contain a secret is not shown, whether from the file or the environment."""
    (in_file,) = problems(f'[api]\nurl = "{value}"')
    with pytest.raises(ConfigurationError) as caught:
        load_environment({"HYPERREP_API_URL": value, "HYPERREP_SMTP_HOST": "user:hush@example.com"}, Overrides())
    assert "hush" not in in_file
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(("name", "reason"), [("missing.toml", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, name: str, reason: str) -> None:
    """A missing file and a folder are reported by their path, together with all other errors."""
    with pytest.raises(ConfigurationError) as caught:
        load_config(tmp_path / name, {"HYPERREP_SMTP_PORT": "x"}, Overrides(locale="zz"))
    first, *others = caught.value.problems
    assert first == f"{tmp_path / name}: cannot be read: {reason}{'' if name == '.' else ' or directory'}."
    assert [problem.partition(":")[0] for problem in others] == ["HYPERREP_SMTP_PORT", "--locale"]


def test_a_configuration_error_is_a_usage_fault() -> None:
    """A configuration error exits with code 2."""
    assert ConfigurationError.exit_code == 2


@pytest.mark.parametrize("name", ["USERNAME", "PASSWORD", "FROM", "PORT", "SECURITY"])
def test_a_mail_server_that_nothing_names_is_missed(name: str) -> None:
    """Mail server variables are refused if neither the environment nor the file names a server."""
    values = {"USERNAME": "reports", "PASSWORD": "hush", "FROM": "a@example.com", "PORT": "25", "SECURITY": "tls"}
    (found,) = problems('[smtp]\nfrom = "a@example.com"', None, **{f"HYPERREP_SMTP_{name}": values[name]})
    assert found.startswith(f"HYPERREP_SMTP_{name}: there is no mail server to use this with; set smtp.host")
    assert problems('[smtp]\nfrom = "a@example.com"') == ()
