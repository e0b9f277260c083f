"""The login to the mail server: exactly one, complete, and the errors otherwise."""

import json
from pathlib import Path
from typing import Any

import pytest
import tomli_w
import trustme

from reporter.config.load import load_config
from reporter.config.settings import Overrides
from reporter.delivery.smtp.smtp_settings import (
    ClientCertificate,
    GoogleServiceAccount,
    MicrosoftApplication,
    SmtpSettings,
    TokenCommand,
)
from reporter.domain.errors import ConfigurationError

SERVER = {"host": "smtp.example.com", "from": "reports@example.com"}
APPLICATION = {"tenant": "example.onmicrosoft.com", "client_id": "client-1"}
SECRET = {"HYPERREP_SMTP_CLIENT_SECRET": "hush"}
PASSWORD = {"HYPERREP_SMTP_PASSWORD": "hush"}
ACCOUNT = {
    "client_email": "reports@project.iam",
    "private_key_id": "key-1",
    "private_key": "hush",
    "token_uri": "https://oauth2.googleapis.com/token",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the logins name."""
    leaf = trustme.CA().issue_cert("reports.example")
    leaf.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "application.pem"))
    leaf.cert_chain_pems[0].write_to_path(str(tmp_path / "half.pem"))
    (tmp_path / "account.json").write_text(json.dumps(ACCOUNT))
    return tmp_path


def loaded(folder: Path, environ: dict[str, str], **smtp: Any) -> SmtpSettings:
    """The mail server settings of a file with these keys."""
    (folder / "reports.toml").write_text(tomli_w.dumps({"smtp": SERVER | smtp}), "utf-8")
    found = load_config(folder / "reports.toml", environ, Overrides()).smtp
    assert found is not None
    return found


def problems(folder: Path, environ: dict[str, str], **smtp: Any) -> list[str]:
    """The errors, without the file's name."""
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, environ, **smtp)
    return [problem.removeprefix(f"{folder / 'reports.toml'}: ") for problem in caught.value.problems]


def test_a_command(folder: Path) -> None:
    """The words of a command are unchanged, including repeated ones."""
    words = ["vault", "-field", "token", "-field", "token"]
    assert loaded(folder, {}, token_command=words).tokens == TokenCommand(tuple(words))


def test_an_application_with_a_secret(folder: Path) -> None:
    """The tenant's endpoint and Exchange's scope are defaults; the secret comes from the environment."""
    assert loaded(folder, SECRET, microsoft=APPLICATION).tokens == MicrosoftApplication(
        "client-1",
        "hush",
        "https://login.microsoftonline.com/example.onmicrosoft.com/oauth2/v2.0/token",
        "https://outlook.office365.com/.default",
    )


def test_an_application_with_a_certificate(folder: Path) -> None:
    """Certificate and key are read from their file, and a national cloud's endpoint is used as given."""
    url, scope = "https://login.example.us/token", "https://outlook.office365.us/.default"
    table = {"client_id": "client-1", "certificate_file": "application.pem", "token_url": url, "scope": scope}
    application = loaded(folder, {}, microsoft=table).tokens
    assert isinstance(application, MicrosoftApplication)
    assert (application.token_url, application.scope) == (url, scope)
    assert isinstance(application.identity, ClientCertificate)
    text = (folder / "application.pem").read_text()
    assert application.identity.certificate in text
    assert application.identity.key in text
    assert "PRIVATE KEY" in application.identity.key
    assert "PRIVATE KEY" not in application.identity.certificate


def test_a_service_account(folder: Path) -> None:
    """The values of Google's key file are used, and its endpoint can be overridden."""
    account = GoogleServiceAccount("reports@project.iam", "key-1", "hush", ACCOUNT["token_uri"])
    assert loaded(folder, {}, google={"key_file": "account.json"}).tokens == account
    other = loaded(folder, {}, google={"key_file": "account.json", "token_url": "http://127.0.0.1:1/token"}).tokens
    assert isinstance(other, GoogleServiceAccount)
    assert other.token_url == "http://127.0.0.1:1/token"


def test_the_environment_alone_is_enough(folder: Path) -> None:
    """Each key of a login has its variable, which takes precedence over the file."""
    environ = {**SECRET, "HYPERREP_SMTP_MICROSOFT_CLIENT_ID": "client-2", "HYPERREP_SMTP_MICROSOFT_TENANT": "other"}
    application = loaded(folder, environ, microsoft={"client_id": "client-1"}).tokens
    assert isinstance(application, MicrosoftApplication)
    assert application.client_id == "client-2"
    assert "/other/" in application.token_url
    google = loaded(folder, {"HYPERREP_SMTP_GOOGLE_KEY_FILE": str(folder / "account.json")}).tokens
    assert isinstance(google, GoogleServiceAccount)


@pytest.mark.parametrize(
    ("smtp", "environ", "told"),
    [
        ({"token_command": ["a"], "username": "x"}, PASSWORD, ["several logins, a password, smtp.token_command"]),
        ({"token_command": ["a"], "google": {"key_file": "account.json"}}, {}, ["several logins"]),
        ({"token_command": ["a"], "security": "none"}, {}, ["would show the token"]),
        ({"token_command": []}, {}, ["is not a list of words"]),
        ({"token_command": [" ", "a"]}, {}, ["does not begin with the name of a program"]),
        ({"google": {}}, {}, ["smtp.google: there is no key"]),
        ({"microsoft": {}}, SECRET, ["there is no application", "there is no tenant"]),
        ({"microsoft": APPLICATION}, {}, ["neither a secret nor a certificate"]),
        ({"microsoft": APPLICATION | {"certificate_file": "application.pem"}}, SECRET, ["a certificate and a secret"]),
        ({"microsoft": APPLICATION | {"certificate_file": "half.pem"}}, {}, ["a certificate and its private key"]),
        ({"microsoft": APPLICATION | {"tenant": "a/b"}}, SECRET, ["is not a tenant"]),
        ({"microsoft": APPLICATION | {"token_url": "http://x.example/"}}, SECRET, ["is not encrypted"]),
        ({"microsoft": APPLICATION | {"token_url": "https://u:p@x.example/"}}, SECRET, ["is not an address"]),
        ({"google": {"key_file": "half.pem"}}, {}, ["is not the JSON key of a service account"]),
        ({}, SECRET, ["there is no application to use it with"]),
        ({"client_secret": "hush"}, {}, ["a secret does not belong in this file"]),
        ({"microsoft": {"client_secret": "hush", **APPLICATION}}, SECRET, ["a secret does not belong in this file"]),
    ],
)
def test_what_is_not_one_login(smtp: dict[str, Any], environ: dict[str, str], told: list[str], folder: Path) -> None:
    """Every conflict is reported at once, in a sentence without secrets."""
    found = problems(folder, environ, **smtp)
    assert len(found) == len(told)
    assert all(words in problem for words, problem in zip(told, found, strict=True))
    assert not any("hush" in problem for problem in found)


def test_a_key_file_that_leads_elsewhere_is_refused(folder: Path) -> None:
    """A URL in a key file must satisfy the same rule as one that the operator configures."""
    (folder / "account.json").write_text(json.dumps(ACCOUNT | {"token_uri": "http://evil.example/"}))
    assert "is not encrypted" in problems(folder, {}, google={"key_file": "account.json"})[0]


def test_a_login_without_a_server_is_told_by_its_variables(folder: Path) -> None:
    """Variables of a login without a mail server are reported by name."""
    (folder / "empty.toml").write_text("")
    with pytest.raises(ConfigurationError) as caught:
        load_config(folder / "empty.toml", SECRET | {"HYPERREP_SMTP_MICROSOFT_TENANT": "example"}, Overrides())
    (problem,) = caught.value.problems
    assert problem.startswith("HYPERREP_SMTP_MICROSOFT_TENANT, HYPERREP_SMTP_CLIENT_SECRET: there is no mail server")


def test_a_login_shows_no_secret(folder: Path) -> None:
    """Settings that are logged mask the secret and the keys."""
    key = (folder / "application.pem").read_text().splitlines()[1]
    certified = APPLICATION | {"certificate_file": "application.pem"}
    shown = f"{loaded(folder, SECRET, microsoft=APPLICATION)} {loaded(folder, {}, microsoft=certified)}"
    shown += repr(loaded(folder, {}, google={"key_file": "account.json"}))
    assert "hush" not in shown
    assert key not in shown
