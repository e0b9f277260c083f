"""Logging in to a mail server: only to the right one, only encrypted, and only once."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from reporter.delivery.channel import DeliveryStatus
from reporter.delivery.smtp.smtp_settings import Security
from reporter.domain.errors import DeliveryError
from tests.functional.sending import CEO, CFO, CTO, LOGIN, PASSWORD, encrypted, send, send_once, smtp_channel
from tests.smtp_server import SmtpServer, smtp_server

ACCEPTED, FAILED = DeliveryStatus.ACCEPTED, DeliveryStatus.FAILED


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that is trusted only where it is configured."""
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    """The certificate of localhost."""
    return authority.issue_cert("localhost")


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    """The authority's file, as an operator configures it."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_login_over_tls(security: Security, mechanism: str, certificate: trustme.LeafCert, ca_file: Path) -> None:
    """With STARTTLS and with implicit TLS, PLAIN and LOGIN both succeed, encrypted."""
    script = SmtpServer(login=LOGIN, mechanisms=[mechanism])
    with smtp_server(script, certificate=certificate, implicit_tls=security is Security.TLS) as server:
        sent, _ = send_once(encrypted(server, security, ca_file))
        assert sent.status is ACCEPTED
        assert [stored.is_encrypted for stored in server.stored] == [True]
        assert server.commands.count("AUTH") == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_an_untrusted_certificate_is_refused(security: Security, certificate: trustme.LeafCert) -> None:
    """A certificate of an unknown authority fails the email before any login, and the error names the fix."""
    script = SmtpServer(login=LOGIN)
    with smtp_server(script, certificate=certificate, implicit_tls=security is Security.TLS) as server:
        sent, commits = send_once(encrypted(server, security, None))
        assert (sent.status, commits) == (FAILED, 0)
        assert "HYPERREP_SMTP_CA_FILE" in sent.reply
        assert "AUTH" not in server.commands


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_of_another_name_is_refused(security: Security, authority: trustme.CA, ca_file: Path) -> None:
    """A trusted authority's certificate for another host fails the email before any login."""
    script = SmtpServer(login=LOGIN)
    other = authority.issue_cert("elsewhere.example")
    with smtp_server(script, certificate=other, implicit_tls=security is Security.TLS) as server:
        sent, _ = send_once(encrypted(server, security, ca_file))
        assert sent.status is FAILED
        assert "localhost" in sent.reply
        assert "AUTH" not in server.commands


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_that_is_over_is_refused(security: Security, authority: trustme.CA, ca_file: Path) -> None:
    """An expired certificate fails the email before any login, even if its authority is trusted."""
    script = SmtpServer(login=LOGIN)
    began = datetime(2020, 1, 1, tzinfo=UTC)
    over = authority.issue_cert("localhost", not_before=began, not_after=began + timedelta(days=30))
    with smtp_server(script, certificate=over, implicit_tls=security is Security.TLS) as server:
        sent, commits = send_once(encrypted(server, security, ca_file))
        assert (sent.status, sent.attempted, commits) == (FAILED, False, 0)
        assert "expired" in sent.reply
        assert "AUTH" not in server.commands


def test_missing_starttls_is_refused() -> None:
    """If STARTTLS is configured and not offered, no credential and no email is sent."""
    with smtp_server(SmtpServer(login=LOGIN)) as server:
        sent, _ = send_once(encrypted(server, Security.STARTTLS, None))
        assert sent.status is FAILED
        assert "STARTTLS" in sent.reply
        assert server.commands == ["EHLO"]


def test_old_tls_is_refused(certificate: trustme.LeafCert, ca_file: Path) -> None:
    """The client requires TLS 1.2 or later."""
    with smtp_server(certificate=certificate) as server:
        channel = smtp_channel(encrypted(server, Security.STARTTLS, ca_file))
        assert channel._context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_refused_login_is_tried_once(certificate: trustme.LeafCert, ca_file: Path) -> None:
    """A wrong password is sent once in a run; no email counts as tried, and each has the reason and the fix."""
    with smtp_server(SmtpServer(login=LOGIN), certificate=certificate) as server:
        channel = smtp_channel(encrypted(server, Security.STARTTLS, ca_file, "wr0ng-one"))
        outcomes = [send(channel, recipient)[0] for recipient in (CEO, CFO, CTO)]
        assert [(sent.status, sent.attempted) for sent in outcomes] == [(FAILED, False)] * 3
        assert all("HYPERREP_SMTP_PASSWORD" in sent.reply for sent in outcomes)
        assert [sent.reply.startswith("not sent") for sent in outcomes] == [False, True, True]
        assert (server.commands.count("AUTH"), server.connections) == (1, 1)


def test_a_server_that_repeats_the_password_does_not_spread_it(certificate: trustme.LeafCert, ca_file: Path) -> None:
    """No reply, error, or printed settings hold the password."""
    script = SmtpServer(login=LOGIN, faults={"AUTH": [f"535 {PASSWORD}\x07 is wrong"]})
    with smtp_server(script, certificate=certificate) as server:
        settings = encrypted(server, Security.STARTTLS, ca_file)
        sent, _ = send_once(settings)
        assert PASSWORD not in sent.reply
        assert "\x07" not in sent.reply
        assert PASSWORD not in repr(settings)


def test_a_login_nobody_offers_fails(certificate: trustme.LeafCert, ca_file: Path) -> None:
    """A server without PLAIN and LOGIN is reported as such, and no email is tried."""
    script = SmtpServer(login=LOGIN, mechanisms=[])
    with smtp_server(script, certificate=certificate) as server:
        sent, _ = send_once(encrypted(server, Security.STARTTLS, ca_file))
        assert sent.status is FAILED
        assert "offers no login" in sent.reply


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_trial_sends_nothing(security: Security, certificate: trustme.LeafCert, ca_file: Path) -> None:
    """Testing a server connects, encrypts, logs in, and quits: no message is started."""
    script = SmtpServer(login=LOGIN, size=1_000_000)
    with smtp_server(script, certificate=certificate, implicit_tls=security is Security.TLS) as server:
        offer = smtp_channel(encrypted(server, security, ca_file)).check()
        assert (offer.tls, offer.size_limit) == ("TLSv1.3", 1_000_000)
        assert server.commands[-3:] == ["AUTH", "NOOP", "QUIT"]
        assert "MAIL" not in server.commands


def test_a_failed_trial_says_why(certificate: trustme.LeafCert, ca_file: Path) -> None:
    """A wrong password ends the test with the sentence that an email would have failed with."""
    with smtp_server(SmtpServer(login=LOGIN), certificate=certificate) as server:
        with pytest.raises(DeliveryError, match="HYPERREP_SMTP_PASSWORD"):
            smtp_channel(encrypted(server, Security.STARTTLS, ca_file, "wr0ng-one")).check()
        assert server.commands.count("AUTH") == 1


def test_a_server_may_leave_its_size_unsaid(certificate: trustme.LeafCert, ca_file: Path) -> None:
    """A server that announces no size limit has no known limit."""
    with smtp_server(SmtpServer(login=LOGIN, size=0), certificate=certificate) as server:
        assert smtp_channel(encrypted(server, Security.STARTTLS, ca_file)).check().size_limit is None
