"""Many threads and one mail server: the number of connections, what they share, and when they stop."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.delivery.smtp.connection_pool import RateLimiter, SmtpPool
from reporter.delivery.smtp.session import SmtpSession
from reporter.delivery.smtp.smtp_settings import Security, SmtpSettings
from tests.functional.sending import CEO, LOGIN, encrypted, message, plain, send, smtp_channel
from tests.smtp_server import HANG_UP, SILENCE, SmtpServer, dropping_every, smtp_server
from tests.ticking import Time

ACCEPTED, DEFERRED = DeliveryStatus.ACCEPTED, DeliveryStatus.DEFERRED
FAILED, UNKNOWN = DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    """A relay without TLS or login."""
    with smtp_server() as running:
        yield running


def readers(count: int) -> list[str]:
    """This many addresses."""
    return [f"reader{number}@acme.example" for number in range(count)]


def sent_by_threads(settings: SmtpSettings, recipients: list[str], threads: int) -> list[SendResult]:
    """The result for each recipient's message, sent by this many threads through one channel."""
    channel = smtp_channel(settings)
    with ThreadPoolExecutor(threads) as pool:
        sent = list(pool.map(lambda recipient: send(channel, recipient)[0], recipients))
    channel.close()
    return sent


def test_connections_work_at_the_same_time(server: SmtpServer) -> None:
    """Three connections carry three messages at once, and each is then reused."""
    server.may_answer.clear()
    channel = smtp_channel(replace(plain(server), connections=3))
    with ThreadPoolExecutor(3) as pool:
        under_way = [pool.submit(send, channel, recipient) for recipient in readers(6)]
        for _ in range(3):
            assert server.given["DOT"].acquire(timeout=60)
        server.may_answer.set()
        assert [sending.result()[0].status for sending in under_way] == [ACCEPTED] * 6
    channel.close()
    assert (server.connections, len(server.stored), server.commands.count("QUIT")) == (3, 6, 3)


def test_there_are_never_more_connections_than_allowed(server: SmtpServer) -> None:
    """Eight threads share two connections, though each is replaced after three messages."""
    settings = replace(plain(server), connections=2, messages_per_connection=3)
    sent = sent_by_threads(settings, readers(24), 8)
    assert [one.status for one in sent] == [ACCEPTED] * 24
    assert sorted(stored.recipients[0] for stored in server.stored) == sorted(readers(24))
    assert server.most_at_once <= 2
    assert server.connections >= 8


def test_a_connection_is_replaced_after_its_messages(server: SmtpServer) -> None:
    """A connection is closed with QUIT after its maximum number of messages."""
    channel = smtp_channel(replace(plain(server), messages_per_connection=2))
    assert [send(channel)[0].status for _ in range(5)] == [ACCEPTED] * 5
    channel.close()
    assert (server.connections, server.commands.count("QUIT"), server.commands.count("RSET")) == (3, 3, 2)


def test_a_connection_that_was_idle_for_long_is_not_used_again(server: SmtpServer) -> None:
    """A connection that was idle for long, and may be dead, is replaced; one used just now is not."""
    time = Time()
    channel = smtp_channel(plain(server))
    pool = SmtpPool(lambda: SmtpSession(plain(server), channel._context), 1, 100, RateLimiter(None), time.clock)
    for pause in (0, 30, 61):
        time.now += pause
        with pool.session() as session:
            session.transact("reports@example.com", CEO, message().wire, lambda: None)
    pool.close()
    assert (server.connections, server.commands.count("RSET"), len(server.stored)) == (2, 1, 3)


def test_a_server_with_less_room_than_configured_loses_no_message(server: SmtpServer) -> None:
    """If the server allows fewer connections than configured, those that are open carry all messages."""
    server.room = 2
    sent = sent_by_threads(replace(plain(server), connections=5), readers(20), 5)
    assert [one.status for one in sent] == [ACCEPTED] * 20
    assert len(server.stored) == 20


@pytest.mark.parametrize(
    "reply", ["535 5.7.8 wrong password", "534 5.7.9 app password needed", "550 5.7.30 basic authentication is off"]
)
def test_a_refused_login_stops_every_thread(reply: str, tmp_path: Path) -> None:
    """With three connections and six threads, one login is attempted, and every other message stays unsent."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    script = SmtpServer(login=LOGIN, faults={"AUTH": [reply] * 9})
    with smtp_server(script, certificate=authority.issue_cert("localhost")) as server:
        settings = replace(encrypted(server, Security.STARTTLS, tmp_path / "authority.pem"), connections=3)
        sent = sent_by_threads(settings, readers(6), 6)
        assert [(one.status, one.attempted) for one in sent] == [(FAILED, False)] * 6
        assert sum(one.reply.startswith("not sent, as no email can be: ") for one in sent) == 5
        assert all(reply in one.reply for one in sent)
        assert (server.connections, server.commands.count("AUTH"), server.commands.count("MAIL")) == (1, 1, 0)


def test_an_untrusted_server_is_met_once(tmp_path: Path) -> None:
    """A certificate that cannot be verified stops all threads after one connection."""
    with smtp_server(certificate=trustme.CA().issue_cert("localhost")) as server:
        settings = replace(encrypted(server, Security.STARTTLS, None), connections=3)
        sent = sent_by_threads(settings, readers(6), 6)
        assert {(one.status, one.attempted) for one in sent} == {(FAILED, False)}
        assert server.connections == 1


def test_a_refusal_of_who_we_are_stops_the_rest(server: SmtpServer) -> None:
    """If a server requires a login at the first message, it is offered no other message."""
    server.faults = {"MAIL": ["530 5.7.0 authentication required"]}
    channel = smtp_channel(plain(server))
    first, *rest = [send(channel)[0] for _ in range(3)]
    channel.close()
    assert (first.status, first.attempted) == (FAILED, False)
    assert "HYPERREP_SMTP_USERNAME" in first.reply
    assert rest == [SendResult(FAILED, f"not sent, as no email can be: {first.reply}", attempted=False)] * 2
    assert server.commands.count("MAIL") == 1


@pytest.mark.parametrize("fault", [HANG_UP, SILENCE, "421 4.3.2 closed", "451 4.3.0 ill"])
def test_a_server_that_cannot_be_opened_ends_the_run_soon(server: SmtpServer, fault: str) -> None:
    """After three failed connections no thread tries another; all messages are left for the next run."""
    server.faults = {"CONNECT": [fault] * 50}
    settings = replace(plain(server, timeout=0.3 if fault == SILENCE else 60), connections=3)
    sent = sent_by_threads(settings, readers(20), 6)
    assert [(one.status, one.attempted) for one in sent] == [(DEFERRED, False)] * 20
    assert server.connections == 3


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DOT"])
@pytest.mark.parametrize("reply", ["432 4.3.2 thread limit", "454 Throttling failure", "451 4.3.2 slow down"])
def test_a_server_that_is_too_busy_gets_a_pause(server: SmtpServer, stage: str, reply: str) -> None:
    """A throttled message is sent again after a pause, on the same connection, and committed once."""
    server.faults = {stage: [reply, reply]}
    time = Time()
    channel = smtp_channel(plain(server), RateLimiter(None, time.clock, time.wait))
    sent, commits = send(channel)
    channel.close()
    assert (sent.status, commits, len(server.stored), server.connections) == (ACCEPTED, 1, 1, 1)
    assert time.waits == [5, 20]


def test_a_server_that_stays_too_busy_is_left_alone(server: SmtpServer) -> None:
    """After three pauses the message is deferred with the server's own reply."""
    server.faults = {"MAIL": ["454 4.7.0 Throttling failure"] * 9}
    time = Time()
    channel = smtp_channel(plain(server), RateLimiter(None, time.clock, time.wait))
    sent, commits = send(channel)
    channel.close()
    assert (sent, commits) == (SendResult(DEFERRED, "454 4.7.0 Throttling failure"), 0)
    assert time.waits == [5, 20, 60]


def test_the_pace_is_kept_over_all_messages(server: SmtpServer) -> None:
    """At two emails per minute, the fifth is sent after two minutes."""
    time = Time()
    channel = smtp_channel(plain(server), RateLimiter(2, time.clock, time.wait))
    for _ in range(5):
        assert send(channel)[0].status is ACCEPTED
    channel.close()
    assert time.waits == [60, 60]


@pytest.mark.parametrize("seed", range(4))
def test_dropped_connections_lose_and_double_nothing(server: SmtpServer, seed: int) -> None:
    """However connections drop, accepted messages are stored once, deferred ones are not, and the rest is unknown."""
    server.misfortune = dropping_every(3, seed)
    settings = replace(plain(server), connections=3, messages_per_connection=2)
    recipients = readers(60)
    sent = dict(zip(recipients, sent_by_threads(settings, recipients, 3), strict=True))
    stored = Counter(one.recipients[0] for one in server.stored)
    assert {stored[reader] for reader, one in sent.items() if one.status is ACCEPTED} == {1}
    assert {stored[reader] for reader, one in sent.items() if one.status is UNKNOWN} <= {0, 1}
    assert {stored[reader] for reader, one in sent.items() if one.status is DEFERRED} <= {0}
    assert {one.status for one in sent.values()} <= {ACCEPTED, DEFERRED, UNKNOWN}
    assert server.most_at_once <= 3
