"""The domains an organization's email may go to: a rule that applies to recipients from any source."""

from pathlib import Path

import pytest

from reporter.config.load import load_config
from reporter.config.settings import Config, Overrides
from reporter.domain.errors import ConfigurationError
from reporter.domain.mailbox import outside

TWO = """
[[reports]]
organization = "Acme Roofing"
recipients = ["Ada <ada@acme.example>"]
allowed_domains = ["acme.example"]
[[reports]]
organization = "Borealis"
recipients = ["bo@borealis.example"]
allowed_domains = ["Borealis.example", "bücher.example"]
"""


def loaded(folder: Path, text: str, *to: str) -> Config:
    """The configuration of this text, with these recipients from the command line."""
    file = folder / "hyperrep-report.toml"
    file.write_text(text, "utf-8")
    return load_config(file, {}, Overrides(to=to or None))


def test_recipients_within_the_rule_are_taken(tmp_path: Path) -> None:
    """Domains are compared regardless of case and spelling."""
    reports = loaded(tmp_path, TWO).reports
    assert [report.allowed_domains for report in reports] == [
        ("acme.example",),
        ("borealis.example", "xn--bcher-kva.example"),
    ]


@pytest.mark.parametrize(
    ("text", "to"),
    [
        (TWO.replace("ada@acme.example", "ada@evil.example"), ()),
        (TWO, ("ada@acme.example",)),
        (TWO.replace('["acme.example"]', "[]"), ()),
        ('allowed_domains = ["acme.example"]\nrecipients = ["ada@sub.acme.example"]', ()),
    ],
)
def test_one_recipient_outside_stops_the_run(text: str, to: tuple[str, ...], tmp_path: Path) -> None:
    """A recipient outside the rule stops the run: in file or command line, in a subdomain, or without any domain."""
    with pytest.raises(ConfigurationError, match="may not go to") as refused:
        loaded(tmp_path, text, *to)
    assert len(refused.value.problems) == 1


def test_what_is_no_domain_is_refused(tmp_path: Path) -> None:
    """An address in place of a domain is refused, because it would allow nothing as intended."""
    with pytest.raises(ConfigurationError, match=r"allowed_domains\[0\].*is not a domain"):
        loaded(tmp_path, 'allowed_domains = ["ada@acme.example"]')


def test_no_rule_allows_any_domain_and_an_empty_one_none() -> None:
    """No rule allows every domain, and an empty rule allows none."""
    assert outside("ada@acme.example", None) is None
    assert "only to none at all" in (outside("ada@acme.example", ()) or "")
