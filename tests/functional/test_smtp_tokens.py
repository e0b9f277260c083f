"""Logging in with tokens: fetched once, sent over TLS, replaced once when refused, and never shown."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
import trustme

from reporter.delivery.channel import DeliveryStatus
from reporter.delivery.smtp.authentication import authentication_of
from reporter.delivery.smtp.smtp_channel import SmtpChannel
from reporter.delivery.smtp.smtp_settings import (
    GoogleServiceAccount,
    MicrosoftApplication,
    Security,
    SmtpSettings,
    TokenCommand,
)
from reporter.domain.errors import DeliveryError
from tests.functional.sending import CEO, CFO, CTO, encrypted, send
from tests.smtp_server import HANG_UP, SmtpServer, smtp_server
from tests.token_endpoint import SECOND_TOKEN, TOKEN, TokenServer, bad, good, token_server

ACCEPTED, DEFERRED, FAILED = DeliveryStatus.ACCEPTED, DeliveryStatus.DEFERRED, DeliveryStatus.FAILED
MAILBOX = "reports@example.com"
SECRET = "~s3cret-of-the-application"
CHALLENGE = json.dumps({"status": "401", "schemes": "bearer", "scope": "https://mail.google.com/"})
NOW = datetime(2026, 5, 4, 7, 0, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """The current time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A Monday morning."""
    return Clock()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that is trusted only where it is configured."""
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[SmtpServer]:
    """A server that accepts the first token, and offers passwords as well."""
    script = SmtpServer(bearers=[(MAILBOX, TOKEN)], mechanisms=("PLAIN", "XOAUTH2"))
    with smtp_server(script, certificate=authority.issue_cert("localhost")) as running:
        yield running


@pytest.fixture
def settings(server: SmtpServer, authority: trustme.CA, tmp_path: Path) -> SmtpSettings:
    """The server's settings, without a login."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    logged_in = encrypted(server, Security.STARTTLS, tmp_path / "authority.pem")
    return replace(logged_in, username=None, password=None)


def channel(settings: SmtpSettings, endpoint: TokenServer, clock: Clock) -> SmtpChannel:
    """The channel to the server with an application's tokens."""
    application = MicrosoftApplication("client-1", SECRET, endpoint.url, "https://outlook.office365.com/.default")
    return SmtpChannel(replace(settings, tokens=application), clock)


def test_a_good_token_opens_the_server(server: SmtpServer, settings: SmtpSettings, clock: Clock) -> None:
    """The sender's mailbox logs in with the token, encrypted, and a second email needs no other request."""
    with token_server() as endpoint:
        way = channel(settings, endpoint, clock)
        assert [send(way, reader)[0].status for reader in (CEO, CFO)] == [ACCEPTED, ACCEPTED]
        way.close()
    assert server.shown == [(MAILBOX, TOKEN)]
    assert (len(endpoint.bodies), [stored.is_encrypted for stored in server.stored]) == (1, [True, True])


def test_a_token_is_kept_until_shortly_before_its_end(server: SmtpServer, settings: SmtpSettings, clock: Clock) -> None:
    """New connections use the same token, until one minute before it expires."""
    server.bearers = [(MAILBOX, TOKEN), (MAILBOX, SECOND_TOKEN)]
    with token_server(good(TOKEN, 3600), good(SECOND_TOKEN, 3600)) as endpoint:
        way = channel(settings, endpoint, clock)
        for minutes in (0, 58, 59):
            clock.now = NOW + timedelta(minutes=minutes)
            assert send(way)[0].status is ACCEPTED
            way.close()
    assert [token for _, token in server.shown] == [TOKEN, TOKEN, SECOND_TOKEN]
    assert len(endpoint.bodies) == 2


@pytest.mark.parametrize("challenge", [CHALLENGE, None])
@pytest.mark.parametrize("first", [[], ["535 5.7.3 Authentication unsuccessful"]])
def test_a_refused_token_is_replaced_once(
    challenge: str | None, first: list[str], server: SmtpServer, settings: SmtpSettings, clock: Clock
) -> None:
    """An expired token is refused, another one is fetched, and the email is sent on a new connection."""
    server.bearers, server.challenge, server.faults = [(MAILBOX, SECOND_TOKEN)], challenge, {"AUTH": first}
    with token_server(good(TOKEN), good(SECOND_TOKEN)) as endpoint:
        way = channel(settings, endpoint, clock)
        sent, commits = send(way)
        way.close()
    assert (sent.status, commits, len(server.stored)) == (ACCEPTED, 1, 1)
    assert (len(endpoint.bodies), server.connections) == (2, 2)
    assert server.answers == ([b""] if challenge and not first else [])


def test_a_token_that_is_refused_twice_stops_the_run(server: SmtpServer, settings: SmtpSettings, clock: Clock) -> None:
    """The server's reason and the fix are reported without a secret, and the server is not contacted again."""
    server.bearers, server.challenge = [], CHALLENGE
    with token_server(good(TOKEN), good(SECOND_TOKEN)) as endpoint, structlog.testing.capture_logs() as logs:
        way = channel(settings, endpoint, clock)
        replies = [send(way, reader)[0] for reader in (CEO, CFO, CTO)]
        way.close()
    assert [(reply.status, reply.attempted) for reply in replies] == [(FAILED, False)] * 3
    assert "535 5.7.8 Authentication credentials invalid; status 401" in replies[0].reply
    assert "SMTP.SendAsApp" in replies[1].reply
    assert [token for _, token in server.shown] == [TOKEN, SECOND_TOKEN]
    assert (server.answers, server.connections, server.stored) == ([b"", b""], 2, [])
    told = f"{replies} {logs} {way} {settings}"
    assert [secret for secret in (SECRET, TOKEN, SECOND_TOKEN) if secret in told] == []


@pytest.mark.parametrize(
    "challenge", ["no JSON", "[]", "{}", '{"status": ["4"]}', '{"status": "4\\r\\n01\\u0007"}', ""]
)
def test_any_challenge_is_answered(challenge: str, server: SmtpServer, settings: SmtpSettings, clock: Clock) -> None:
    """Whatever challenge replaces the reason, the refusal is handled and reported on one line."""
    server.bearers, server.challenge = [], challenge
    with token_server() as endpoint:
        sent, _ = send(channel(settings, endpoint, clock))
    assert sent.status is FAILED
    assert "535 5.7.8" in sent.reply
    assert sent.reply.isprintable()
    assert ("status 4 01" in sent.reply) == ("01" in challenge)


@pytest.mark.parametrize("shape", ["535 {token} is wrong", "535 {line} is wrong"])
def test_a_server_that_repeats_the_token_does_not_spread_it(
    shape: str, server: SmtpServer, settings: SmtpSettings, clock: Clock
) -> None:
    """Neither the token nor the line that carried it is repeated in a reply."""
    with token_server() as endpoint:
        way = channel(settings, endpoint, clock)
        send(way)
        way.close()
        line = next(line for line in server.lines if line.startswith("AUTH")).split()[-1]
        said = shape.format(token=TOKEN, line=line)
        server.faults = {"AUTH": [said, said]}
        sent, _ = send(way)
    assert "is wrong" in sent.reply
    assert TOKEN not in sent.reply
    assert line not in sent.reply


def test_a_connection_lost_at_the_login_is_no_refusal(server: SmtpServer, settings: SmtpSettings, clock: Clock) -> None:
    """After a lost connection or a temporary refusal at the login, the token is kept and used again."""
    server.faults = {"AUTH": [HANG_UP, "451 4.7.0 later"]}
    with token_server() as endpoint:
        way = channel(settings, endpoint, clock)
        assert [send(way)[0].status for _ in range(3)] == [DEFERRED, DEFERRED, ACCEPTED]
        way.close()
    assert len(endpoint.bodies) == 1


def test_an_endpoint_that_refuses_stops_the_run(server: SmtpServer, settings: SmtpSettings, clock: Clock) -> None:
    """Without a token the mail server is not contacted, and the endpoint is called once."""
    with token_server(bad(400, "invalid_client", "AADSTS7000222: the secret is expired")) as endpoint:
        way = channel(settings, endpoint, clock)
        replies = [send(way, reader)[0] for reader in (CEO, CFO)]
    assert [(reply.status, reply.attempted) for reply in replies] == [(FAILED, False)] * 2
    assert all("AADSTS7000222: the secret is expired" in reply.reply for reply in replies)
    assert (len(endpoint.bodies), server.connections) == (1, 0)


def test_an_endpoint_that_is_down_leaves_the_mails_for_later(
    server: SmtpServer, settings: SmtpSettings, clock: Clock
) -> None:
    """Every email is left for the next run, and the mail server is not contacted."""
    with token_server() as endpoint:
        pass
    way = channel(settings, endpoint, clock)
    replies = [send(way)[0] for _ in range(5)]
    assert {reply.status for reply in replies} == {DEFERRED}
    assert "cannot be reached" in replies[0].reply
    assert server.connections == 0


def test_a_server_without_xoauth2_gets_no_token(server: SmtpServer, settings: SmtpSettings, clock: Clock) -> None:
    """A token is never sent by another mechanism."""
    server.mechanisms = ["PLAIN", "LOGIN"]
    with token_server() as endpoint:
        sent, _ = send(channel(settings, endpoint, clock))
    assert sent.status is FAILED
    assert "XOAUTH2" in sent.reply
    assert "AUTH" not in server.commands


def test_a_command_that_prints_a_token(server: SmtpServer, settings: SmtpSettings, clock: Clock) -> None:
    """A command's token logs in to the server; the mailbox may differ from the sender's."""
    server.bearers = [("shared@example.com", TOKEN)]
    words = (sys.executable, "-c", f"print({TOKEN!r})")
    chosen = replace(settings, username="shared@example.com", tokens=TokenCommand(words))
    way = SmtpChannel(chosen, clock)
    assert send(way)[0].status is ACCEPTED
    way.close()


def test_a_service_account(server: SmtpServer, settings: SmtpSettings, clock: Clock) -> None:
    """A service account's token logs in to the server, and a refusal mentions domain-wide delegation."""
    key = trustme.CA(key_type=trustme.KeyType.RSA).private_key_pem.bytes().decode()
    with token_server() as endpoint:
        chosen = replace(settings, tokens=GoogleServiceAccount("reports@project.iam", "key-1", key, endpoint.url))
        way = SmtpChannel(chosen, clock)
        assert send(way)[0].status is ACCEPTED
        way.close()
        server.bearers = []
        sent, _ = send(way)
    assert "domain-wide delegation" in sent.reply


def test_a_check_logs_in_with_a_token(settings: SmtpSettings, server: SmtpServer, clock: Clock) -> None:
    """Testing a server sends the token, and reports an error with it."""
    with token_server() as endpoint:
        assert channel(settings, endpoint, clock).check().tls == "TLSv1.3"
        server.bearers = []
        with pytest.raises(DeliveryError, match=r"SMTP\.SendAsApp"):
            channel(settings, endpoint, clock).check()


def test_logins_at_the_same_time_share_a_token(settings: SmtpSettings, clock: Clock) -> None:
    """Concurrent threads share one call of the endpoint; a late refusal of the old token does not drop the new one."""
    with token_server(good(TOKEN), good(SECOND_TOKEN)) as endpoint:
        application = MicrosoftApplication("client-1", SECRET, endpoint.url, "scope")
        authentication = authentication_of(replace(settings, tokens=application), clock)
        assert authentication
        with ThreadPoolExecutor(8) as threads:
            first = [found.result() for found in [threads.submit(authentication.credentials) for _ in range(8)]]
            assert len(endpoint.bodies) == 1
            assert all(authentication.forget(refused) for refused in first)
            authentication.credentials()
            assert all(authentication.forget(refused) for refused in first)
            authentication.credentials()
    assert len(endpoint.bodies) == 2
