"""The configuration schema: its reference is up to date, its examples are valid, and its sample is a configuration."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from reporter.config.kinds import Key, Table
from reporter.config.load import load_config
from reporter.config.sample import sample
from reporter.config.schema import entries
from reporter.config.settings import Overrides
from reporter.domain.mailbox import Mailbox
from reporter.domain.snapshot import Organization
from reporter.domain.window import Period
from scripts.configuration_reference import FILE, reference

NAMES = st.text(max_size=20) | st.sampled_from(
    ["Acme", "ACME", "id-0", '"]\n[smtp]\nhost = "x', "\\", "'''", "#", "\x7f", "\u202eA", "💡"]
)

SERVICE_ACCOUNT = {
    "client_email": "reports@project.iam",
    "private_key_id": "key-1",
    "private_key": "hush",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def test_the_reference_is_what_the_schema_says() -> None:
    """docs/configuration.md is up to date; `python scripts/configuration_reference.py` regenerates it."""
    assert FILE.read_text("utf-8") == reference()


@pytest.mark.parametrize("entry", [pytest.param(entry, id=".".join(place)) for place, entry in entries()])
def test_every_key_is_explained(entry: Key | Table) -> None:
    """A key or table has a meaning in a sentence; a key has an example and a default in words."""
    assert entry.meaning.endswith(".")
    assert isinstance(entry, Table) or (entry.example and entry.default)


@pytest.mark.parametrize(
    ("login", "environ"),
    [
        ("username", {"HYPERREP_SMTP_PASSWORD": "hush"}),
        ("token_command", {}),
        ("microsoft", {"HYPERREP_SMTP_CLIENT_SECRET": "hush"}),
        ("google", {}),
    ],
)
def test_every_example_holds_when_it_is_set(login: str, environ: dict[str, str], tmp_path: Path) -> None:
    """The sample with its comments enabled, and one of its logins, is a valid configuration."""
    (tmp_path / "authorities.pem").write_bytes(trustme.CA().cert_pem.bytes())
    (tmp_path / "service-account.json").write_text(json.dumps(SERVICE_ACCOUNT))
    path = tmp_path / "reports.toml"
    others = "|".join({"username", "token_command", "microsoft", "google"} - {login})
    path.write_text(re.sub(rf"(?m)^# (?!(?:{others}) = )(\w+ = |\[\[)", r"\1", sample(())), "utf-8")
    config = load_config(path, environ | {"HYPERREP_PDF_PASSWORD_ACME": "hush"}, Overrides())
    assert config.smtp is not None
    assert (config.smtp.username, bool(config.smtp.tokens)) == (("reports", False), (None, True))[login != "username"]
    assert (config.defaults.period, config.ops.recipients) == (Period.MONTH, (Mailbox("", "ops@example.com"),))
    assert [report.organization for report in config.reports] == ["Acme Roofing"]


def test_the_sample_itself_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While every key is a comment, the sample is equivalent to no file."""
    monkeypatch.chdir(tmp_path)
    without = load_config(None, {}, Overrides())
    Path("hyperrep-report.toml").write_text(sample(()), "utf-8")
    assert load_config(None, {}, Overrides()) == without


@given(names=st.lists(NAMES, max_size=5))
def test_any_organizations_name_is_written_safely(names: list[str]) -> None:
    """Each organization gets one block that identifies it: by its name where possible, otherwise by its id."""
    organizations = [Organization(f"id-{position}", name) for position, name in enumerate(names)]
    content = tomllib.loads(sample(organizations))
    called = [block["organization"] for block in content.get("reports", [])]
    assert len(called) == len(names)
    assert len({name.casefold() for name in called}) == len(called)
    assert all(
        name in {organization.id, organization.name} for name, organization in zip(called, organizations, strict=True)
    )
    assert all(name.isprintable() for name in called)
    assert set(content) <= {"api", "smtp", "ops", "reports"}
    assert not any(content[table] for table in ("api", "smtp", "ops"))
