"""The whole command with a token login: sent, checked by `doctor`, and no secret left anywhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.office import APRIL, CEO, Office, office
from tests.token_endpoint import SECOND_TOKEN, TOKEN, TokenServer, bad, good, token_server

SECRET = "~s3cret-of-the-application"


@pytest.fixture
def endpoint() -> Iterator[TokenServer]:
    """An endpoint that returns a second token on the next request."""
    with token_server(good(TOKEN), good(SECOND_TOKEN)) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, endpoint: TokenServer) -> Iterator[Office]:
    """An operator who logs in as an application."""
    with office(tmp_path) as found:
        found.mail.mechanisms, found.mail.bearers = ["XOAUTH2"], [("reports@acme.example", SECOND_TOKEN)]
        found.environment |= {
            "HYPERREP_SMTP_USERNAME": "reports@acme.example",
            "HYPERREP_SMTP_PASSWORD": "",
            "HYPERREP_SMTP_CLIENT_SECRET": SECRET,
            "HYPERREP_SMTP_MICROSOFT_CLIENT_ID": "client-1",
            "HYPERREP_SMTP_MICROSOFT_TOKEN_URL": endpoint.url,
        }
        yield found


def test_a_report_is_sent_with_a_token(place: Office, endpoint: TokenServer) -> None:
    """An expired token is replaced, the recipient gets the email, and no secret is in any output or file."""
    done = place.run("-v", "--log-format", "json", *APRIL, "--to", CEO)
    assert (done.code, place.readers()) == (0, [CEO])
    assert [token for _, token in place.mail.shown] == [TOKEN, SECOND_TOKEN]
    assert [form["client_secret"] for form in endpoint.forms] == [SECRET, SECRET]
    left = [file.read_bytes() for file in (place.folder / "reports").rglob("*") if file.is_file()]
    left += [done.out.encode(), done.err.encode()]
    assert [secret for secret in (SECRET, TOKEN, SECOND_TOKEN) if any(secret.encode() in part for part in left)] == []


@pytest.mark.slow
def test_a_login_that_is_refused_ends_with_the_fix(place: Office) -> None:
    """A mailbox that the application may not use fails the report with the reason, and nothing counts as sent."""
    place.mail.bearers = []
    place.mail.challenge = '{"status":"401"}'
    report = place.report(*APRIL, "--to", CEO, code=1)
    (delivery,) = report["deliveries"]
    assert "status 401" in delivery["reply"]
    assert "SMTP.SendAsApp" in delivery["reply"]
    assert place.mail.stored == []


@pytest.mark.slow
def test_doctor_tries_the_token(place: Office, endpoint: TokenServer) -> None:
    """`doctor` logs in with a token and sends nothing; a refusal by the endpoint is reported with the fix."""
    well = place.run("doctor")
    assert "accepts the login" in well.out
    endpoint.answers = [bad(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")]
    ill = place.run("doctor")
    assert ill.code == 1
    assert "AADSTS7000215" in ill.out
    assert "smtp.microsoft.tenant" in ill.out
    assert "firewall" not in ill.out
    assert SECRET not in f"{well} {ill}"
    assert place.mail.stored == []
