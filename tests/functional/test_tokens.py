"""Where tokens come from: the requests, over real sockets, and the errors when there is no token."""

import gzip
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jwt
import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from reporter.delivery.oauth.application_tokens import GoogleTokens, MicrosoftTokens, request_token
from reporter.delivery.oauth.token_source import NoToken
from reporter.delivery.smtp.smtp_settings import ClientCertificate, GoogleServiceAccount, MicrosoftApplication
from tests.token_endpoint import TOKEN, bad, dripping, endless, good, token_server

NOW = datetime(2026, 5, 4, 7, 0, 0, tzinfo=UTC)
SECRET = "~s3cret of the application&="
CLIENT = "11111111-2222-3333-4444-555555555555"
SCOPE = "https://outlook.office365.com/.default"
MAILBOX = "reports@example.com"


@pytest.fixture(scope="module")
def certificate() -> ClientCertificate:
    """A certificate as registered with an application, and its key."""
    leaf = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("reports.example", key_type=trustme.KeyType.RSA)
    return ClientCertificate(leaf.cert_chain_pems[0].bytes().decode(), leaf.private_key_pem.bytes().decode())


@pytest.fixture(scope="module")
def public_key(certificate: ClientCertificate) -> str:
    """The key with which the other side verifies signatures."""
    key = load_pem_private_key(certificate.key.encode(), None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def clock() -> datetime:
    """A Monday morning."""
    return NOW


def application(url: str, identity: str | ClientCertificate = SECRET) -> MicrosoftTokens:
    """An application's tokens."""
    return MicrosoftTokens(MicrosoftApplication(CLIENT, identity, url, SCOPE), clock)


def account(url: str, key: str) -> GoogleTokens:
    """A service account's tokens."""
    return GoogleTokens(GoogleServiceAccount("reports@project.iam", "key-1", key, url), MAILBOX, clock)


def claims(assertion: str, public_key: str, algorithm: str, audience: str) -> dict[str, Any]:
    """The claims of a signed assertion, once its signature is verified."""
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    found: dict[str, Any] = jwt.decode(assertion, public_key, [algorithm], options, audience=audience)
    return found


def reason(url: str, seconds: float = 30) -> NoToken:
    """The reason why there is no token from this address."""
    with pytest.raises(NoToken) as caught:
        request_token(url, {"client_secret": SECRET}, [SECRET], "check it", seconds)
    return caught.value


def test_microsoft_is_asked_with_a_secret() -> None:
    """The body is the one that Microsoft documents for client credentials, to the byte."""
    with token_server() as server:
        token = application(server.url).fetch()
    assert (token.text, token.lifetime) == (TOKEN, timedelta(seconds=3599))
    form = {"client_id": CLIENT, "scope": SCOPE, "grant_type": "client_credentials", "client_secret": SECRET}
    assert server.bodies == [urlencode(form)]
    assert server.types == ["application/x-www-form-urlencoded"]


def test_microsoft_is_asked_with_a_certificate(certificate: ClientCertificate, public_key: str) -> None:
    """In place of a secret, an assertion signed with the certificate's key is sent, valid for this endpoint alone."""
    with token_server() as server:
        application(server.url, certificate).fetch()
    (form,) = server.forms
    assertion = form.pop("client_assertion")
    assert server.bodies[0].endswith(f"&client_assertion={quote(assertion)}")
    assert form == {
        "client_id": CLIENT,
        "scope": SCOPE,
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    der = load_pem_x509_certificate(certificate.certificate.encode()).public_bytes(Encoding.DER)
    thumbprint = urlsafe_b64encode(sha256(der).digest()).decode().rstrip("=")
    assert jwt.get_unverified_header(assertion) == {"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}
    said = claims(assertion, public_key, "PS256", server.url)
    assert len(said.pop("jti")) == 36
    start = int(NOW.timestamp())
    assert said == {"iss": CLIENT, "sub": CLIENT, "aud": server.url, "iat": start, "nbf": start, "exp": start + 300}


def test_google_is_asked_with_the_key_of_a_service_account(certificate: ClientCertificate, public_key: str) -> None:
    """The account's key signs an assertion for the user, and for the one scope that SMTP accepts."""
    with token_server() as server:
        assert account(server.url, certificate.key).fetch().text == TOKEN
    (form,) = server.forms
    assertion = form["assertion"]
    grant = quote("urn:ietf:params:oauth:grant-type:jwt-bearer", safe="")
    assert server.bodies == [f"grant_type={grant}&assertion={assertion}"]
    assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
    said = claims(assertion, public_key, "RS256", server.url)
    assert {name: said[name] for name in ("iss", "sub", "scope")} == {
        "iss": "reports@project.iam",
        "sub": MAILBOX,
        "scope": "https://mail.google.com/",
    }


def test_no_statement_is_made_twice(certificate: ClientCertificate) -> None:
    """Each assertion has its own id, so that nobody can reuse it."""
    with token_server() as server:
        tokens = application(server.url, certificate)
        tokens.fetch()
        tokens.fetch()
    assert len(set(server.bodies)) == 2


def test_a_key_that_cannot_sign_is_told(certificate: ClientCertificate) -> None:
    """An invalid key is rejected without being shown, and no request is sent."""
    with token_server() as server, pytest.raises(NoToken, match="cannot sign") as caught:
        account(server.url, "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n").fetch()
    assert "hush" not in str(caught.value)
    assert server.bodies == []


@pytest.mark.parametrize(
    ("answer", "is_temporary", "told"),
    [
        (bad(400, "invalid_client", f"AADSTS7000215: {SECRET}\r\n is wrong"), False, "invalid_client: AADSTS7000215"),
        (bad(401, "unauthorized_client", "no such scope"), False, "(401 unauthorized_client: no such scope): check"),
        (bad(400, "temporarily_unavailable", "later"), True, "(400 temporarily_unavailable: later)"),
        (PlainTextResponse("<html>proxy</html>", 403), False, "(403): check"),
        (PlainTextResponse("busy", 503), True, "(503)"),
        (PlainTextResponse("slower", 429), True, "(429)"),
        (PlainTextResponse("<html>hotel</html>"), False, "without a token"),
        (PlainTextResponse("[" * 50_000), False, "without a token"),
        (PlainTextResponse('["access_token"]'), False, "without a token"),
        (Response(gzip.compress(b" " * 10_000_000), headers={"Content-Encoding": "gzip"}), False, "without a token"),
        (good("two\r\nlines"), False, "without a token"),
        (good(""), False, "without a token"),
        (endless(), False, "without end"),
    ],
)
def test_an_answer_without_a_token(answer: Response, is_temporary: bool, told: str) -> None:  # noqa: FBT001
    """Every other answer is a sentence without the secret, and is known to be transient or permanent."""
    with token_server(answer) as server:
        fault = reason(server.url)
    assert fault.is_temporary is is_temporary
    assert told in str(fault)
    assert str(fault).startswith("the token endpoint 127.0.0.1 ")
    assert SECRET not in str(fault)
    assert str(fault).isprintable()
    assert len(str(fault)) < 500


def test_a_redirect_is_not_followed() -> None:
    """The secret is sent to the configured endpoint and to no other."""
    with token_server() as elsewhere, token_server(RedirectResponse(elsewhere.url, 307)) as server:
        fault = reason(server.url)
        assert (fault.is_temporary, elsewhere.bodies) == (False, [])
        assert "leads elsewhere" in str(fault)


def test_an_endpoint_that_is_down_may_come_back() -> None:
    """If nothing listens at the endpoint, a later run may succeed."""
    with token_server() as server:
        pass
    fault = reason(server.url)
    assert fault.is_temporary
    assert "cannot be reached" in str(fault)


def test_an_answer_that_takes_too_long_is_not_waited_for() -> None:
    """The timeout is for the whole answer, not for each of its bytes."""
    with token_server(dripping()) as server:
        fault = reason(server.url, seconds=0.2)
        assert fault.is_temporary
        assert "did not finish" in str(fault)


def test_an_endpoint_that_nobody_vouches_for_gets_no_secret(tmp_path: Path) -> None:
    """A certificate that cannot be verified ends the connection before any request."""
    path = tmp_path / "endpoint.pem"
    trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(path))
    with token_server(certificate=path) as server:
        fault = reason(server.url)
        assert (fault.is_temporary, server.bodies) == (False, [])
        assert "is not trusted" in str(fault)


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request to this machine itself does not go through a proxy."""
    with token_server() as proxy, token_server() as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        application(server.url).fetch()
        assert (len(server.bodies), proxy.bodies) == (1, [])


@pytest.mark.parametrize(
    ("told", "seconds"), [("3600", 3600), (60, 60), (None, 300), (True, 300), (-1, 300), ("soon", 300)]
)
def test_how_long_a_token_lasts(told: object, seconds: int) -> None:
    """The lifetime in seconds may be text; if it is not a number, a few minutes apply."""
    with token_server(good(seconds=told)) as server:
        assert application(server.url).fetch().lifetime == timedelta(seconds=seconds)


def test_no_secret_is_in_print(certificate: ClientCertificate) -> None:
    """Neither a token nor its source shows a secret when logged."""
    with token_server() as server:
        values = [application(server.url), application(server.url, certificate), account(server.url, certificate.key)]
        printed = repr([*values, application(server.url).fetch()])
    parts = [SECRET, TOKEN, *certificate.key.splitlines()[1:-1]]
    assert [part for part in parts if part in printed] == []
    assert json.dumps(SECRET) not in printed
