"""Where an organization's mail may go: a rule that is read with the recipients, wherever either was given."""

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
    """Letters' case and spelling of a domain do not matter."""
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
    """In the file, from the command line, below an allowed domain, or with none allowed: refused before anything."""
    with pytest.raises(ConfigurationError, match="may not go to") as refused:
        loaded(tmp_path, text, *to)
    assert len(refused.value.problems) == 1


def test_what_is_no_domain_is_refused(tmp_path: Path) -> None:
    """An address in the place of a domain would allow nothing that was meant."""
    with pytest.raises(ConfigurationError, match=r"allowed_domains\[0\].*is not a domain"):
        loaded(tmp_path, 'allowed_domains = ["ada@acme.example"]')


def test_no_rule_allows_any_domain_and_an_empty_one_none() -> None:
    """A rule that is there and empty is no leave to send."""
    assert outside("ada@acme.example", None) is None
    assert "only to none at all" in (outside("ada@acme.example", ()) or "")
