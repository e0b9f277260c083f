"""The worst mail servers: each ends a message in bounded time, with a clear state, and never twice."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.delivery.channel import DeliveryStatus, Email, SendResult
from reporter.domain.errors import ArchiveError
from tests.functional.sending import CEO, CFO, message, plain, send, send_once, smtp_channel
from tests.smtp_server import DRIP, ENDLESS, HANG_UP, RESET, SmtpServer, smtp_server
from tests.wiretap import wiretap

ACCEPTED, DEFERRED = DeliveryStatus.ACCEPTED, DeliveryStatus.DEFERRED
FAILED, UNKNOWN = DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN
DOT = b"\r\n.\r\n"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    """A relay without TLS or login."""
    with smtp_server() as running:
        yield running


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_reply_that_drips_is_given_up(server: SmtpServer, stage: str) -> None:
    """An occasional byte does not extend the timeout, which is for the whole reply."""
    server.faults = {stage: [DRIP] * 3}
    sent, commits = send_once(plain(server, timeout=1.5))
    is_asked = stage not in {"CONNECT", "EHLO"}
    assert (sent.status, sent.attempted, commits, server.connections) == (DEFERRED, is_asked, 0, 1)
    assert "did not answer" in sent.reply


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_reply_without_end_is_given_up(server: SmtpServer, stage: str) -> None:
    """An endless reply, line after line, exhausts neither the time nor the memory of a run."""
    server.faults = {stage: [ENDLESS] * 3}
    sent, commits = send_once(plain(server))
    assert (sent.status, commits, server.connections) == (DEFERRED, 0, 2)
    assert "no end" in sent.reply


@pytest.mark.parametrize("fault", [DRIP, ENDLESS, RESET])
def test_no_real_answer_to_the_final_dot_is_unknown(server: SmtpServer, fault: str) -> None:
    """A reply that drips, never ends, or is a reset connection leaves the state unknown, without a retry."""
    server.faults = {"DOT": [fault]}
    sent, commits = send_once(plain(server, timeout=1.5 if fault == DRIP else 60))
    assert (sent.status, sent.attempted, commits, server.connections) == (UNKNOWN, True, 1, 1)


@pytest.mark.parametrize(
    ("stage", "fault"),
    [("CONNECT", HANG_UP), *((stage, RESET) for stage in ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA"))],
)
def test_a_connection_that_is_cut_is_replaced(server: SmtpServer, stage: str, fault: str) -> None:
    """A reset or closed connection before the final dot costs one more connection, and no message."""
    server.faults = {stage: [fault]}
    sent, commits = send_once(plain(server))
    assert (sent.status, commits, len(server.stored), server.connections) == (ACCEPTED, 1, 1, 2)


def test_a_slow_server_is_waited_for(server: SmtpServer) -> None:
    """A server that replies slowly, within the limits of RFC 5321, gets its message."""
    server.tarpit = 0.2
    sent, _ = send_once(plain(server))
    assert (sent.status, len(server.stored)) == (ACCEPTED, 1)


def test_the_reply_to_a_message_may_take_longer_than_others(server: SmtpServer) -> None:
    """The timeout for the reply to the final dot is twice any other, as the server may be storing the message."""
    server.may_answer.clear()
    threading.Timer(4.5, server.may_answer.set).start()
    sent, _ = send_once(plain(server, timeout=4))
    assert (sent.status, len(server.stored)) == (ACCEPTED, 1)


def test_a_greylisted_message_waits_and_is_taken_later(server: SmtpServer) -> None:
    """If a server refuses each recipient the first time, there is no immediate retry; the next run's is accepted."""
    server.greylisting = "451 4.7.1 greylisted, come back later"
    channel = smtp_channel(plain(server))
    assert send(channel)[0] == SendResult(DEFERRED, "451 4.7.1 greylisted, come back later")
    assert server.commands.count("RCPT") == 1
    assert send(channel)[0].status is ACCEPTED
    channel.close()
    assert (len(server.stored), server.connections) == (1, 1)


@pytest.mark.parametrize("reply", ["452 4.5.3 too many recipients", "552 5.5.3 too many recipients"])
def test_too_many_recipients_defers_one_and_holds_no_other(server: SmtpServer, reply: str) -> None:
    """Either code for too many recipients defers that message; the next is sent in a transaction of its own."""
    server.faults = {"RCPT": [reply]}
    channel = smtp_channel(plain(server))
    assert send(channel)[0] == SendResult(DEFERRED, reply)
    assert send(channel, CFO)[0].status is ACCEPTED
    channel.close()
    assert [stored.recipients for stored in server.stored] == [(CFO,)]


@pytest.mark.parametrize(
    ("stage", "reply"), [("MAIL", "552 5.3.4 too big"), ("MAIL", "523 too big"), ("DOT", "552 5.3.4 too big")]
)
def test_a_message_the_server_finds_too_large_fails(server: SmtpServer, stage: str, reply: str) -> None:
    """Too large is a permanent failure, whether the server says so before or after the message."""
    server.faults = {stage: [reply]}
    assert send_once(plain(server))[0] == SendResult(FAILED, reply)


def test_nonsense_costs_the_connection(server: SmtpServer) -> None:
    """After an invalid reply the next one cannot be trusted: the message is deferred, and the connection closed."""
    server.faults = {"RCPT": ["banana"]}
    channel = smtp_channel(plain(server))
    assert [send(channel)[0].status for _ in range(2)] == [DEFERRED, ACCEPTED]
    channel.close()
    assert (server.connections, len(server.stored)) == (2, 1)


@pytest.mark.parametrize("fault", ["354 more please", "banana"])
def test_an_unknown_outcome_costs_the_connection(server: SmtpServer, fault: str) -> None:
    """After an unexpected reply the next command could be misread, so it is sent on another connection."""
    server.faults = {"DOT": [fault]}
    channel = smtp_channel(plain(server))
    assert [send(channel)[0].status for _ in range(2)] == [UNKNOWN, ACCEPTED]
    channel.close()
    assert (server.connections, "RSET" in server.commands) == (2, False)


def test_notices_of_failure_are_asked_for(server: SmtpServer) -> None:
    """A server that offers DSN is asked to report failure and delay, with the message's own id."""
    server.extensions = ["DSN"]
    outgoing = message()
    sent, _ = send_once(plain(server), outgoing.wire)
    assert sent.status is ACCEPTED
    (sender,) = (line for line in server.lines if line.startswith("MAIL"))
    (recipient,) = (line for line in server.lines if line.startswith("RCPT"))
    assert sender.endswith(f" RET=HDRS ENVID={outgoing.message_id.strip('<>')}")
    assert recipient == f"RCPT TO:<{CEO}> NOTIFY=FAILURE,DELAY"


def test_an_international_domain_goes_out_in_ascii(server: SmtpServer) -> None:
    """A recipient's non-ASCII domain is in its ASCII form on the envelope."""
    channel = smtp_channel(plain(server))
    sent, _ = send(channel, "ceo@büro.example")
    channel.close()
    assert sent.status is ACCEPTED
    assert [stored.recipients for stored in server.stored] == [("ceo@xn--bro-hoa.example",)]


def test_an_international_name_is_refused_in_words(server: SmtpServer) -> None:
    """A recipient with a non-ASCII local part is rejected with the fix, and the server is not asked."""
    channel = smtp_channel(plain(server))
    sent = channel.send(Email("büro@acme.example", message().wire), lambda: None)
    assert (sent.status, server.connections) == (FAILED, 0)
    assert "ask the recipient for another address" in sent.reply


def test_the_commit_comes_between_the_message_and_its_dot(server: SmtpServer) -> None:
    """If the commit fails, the server has the whole message but not its end, and the connection is closed."""
    wire = message().wire
    noted: list[int] = []

    def full() -> None:
        noted.append(1)
        raise ArchiveError("the disk is full")

    with wiretap(server.port) as tap:
        channel = smtp_channel(plain(SmtpServer(port=tap.port)))
        with pytest.raises(ArchiveError, match="full"):
            channel.send(Email(CEO, wire), full)
        assert tap.ended.wait(timeout=60)
        assert tap.said.endswith(wire[-100:])
        assert DOT not in tap.said[-10:]
        channel.close()
    assert server.given["END"].acquire(timeout=60)
    assert (server.stored, noted) == ([], [1])


def test_after_the_commit_nothing_but_the_dot_goes_out(server: SmtpServer) -> None:
    """The message ends with one dot on a line of its own, followed by QUIT."""
    wire = message().wire
    with wiretap(server.port) as tap:
        sent, _ = send_once(plain(SmtpServer(port=tap.port)), wire)
        assert tap.ended.wait(timeout=60)
    assert sent.status is ACCEPTED
    assert tap.said.lower().endswith(wire[-100:].lower() + b".\r\nquit\r\n")
    assert tap.said.count(DOT) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.text(st.sampled_from(".\t az0=<>"), max_size=6), min_size=1, max_size=12))
def test_dots_and_odd_lines_arrive_as_they_are(server: SmtpServer, lines: list[str]) -> None:
    """Whatever the lines of a message, including leading and single dots, one message arrives unchanged."""
    server.stored.clear()
    wire = b"".join(line.encode() + b"\r\n" for line in lines)
    sent, _ = send_once(plain(server), wire)
    assert sent.status is ACCEPTED
    assert [stored.wire for stored in server.stored] == [wire]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"a", b"\x00"]), min_size=1, max_size=12))
def test_no_stray_line_end_reaches_a_server(server: SmtpServer, pieces: list[bytes]) -> None:
    """A message with any line end but CRLF is rejected before a server is contacted."""
    body = b"".join(pieces)
    if b"\r" in (rest := body.replace(b"\r\n", b"")) or b"\n" in rest:
        sent, _ = send_once(plain(server), body + b"\r\n")
        assert (sent.status, server.connections) == (FAILED, 0)
