"""Delivery over real sockets: what the server stores, what is reported, and what never happens."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reporter.delivery.channel import DeliveryStatus, Email, SendResult
from reporter.delivery.smtp.smtp_settings import Security, SmtpSettings
from reporter.domain.errors import ArchiveError, ConfigurationError, DeliveryError
from tests.functional.sending import CEO, CFO, CTO, PASSWORD, message, plain, send, send_once, smtp_channel
from tests.smtp_server import BREAK_OFF, HANG_UP, SILENCE, SPEAK_EARLY, STORE_AND_HANG_UP, SmtpServer, smtp_server
from tests.unit.delivery.mails import MAIL, SENDER, parsed

ACCEPTED, DEFERRED = DeliveryStatus.ACCEPTED, DeliveryStatus.DEFERRED
FAILED, UNKNOWN = DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    """A relay without TLS or login."""
    with smtp_server() as running:
        yield running


def test_the_stored_message_is_what_was_made(server: SmtpServer) -> None:
    """The server stores the archived bytes, including lines that begin with dots, and its reply is kept."""
    outgoing = message()
    sent, commits = send_once(plain(server), outgoing.wire)
    assert (sent, commits) == (SendResult(ACCEPTED, "250 2.0.0 Ok: queued as 1A2B"), 1)
    stored = server.stored[0]
    assert (stored.sender, stored.recipients) == ("reports@example.com", (CEO,))
    assert stored.wire == outgoing.wire
    assert b"\r\n.\r\n" in stored.wire
    attachment = next(parsed(stored.wire).iter_attachments())
    assert attachment.get_content() == MAIL.pdf


@pytest.mark.parametrize(
    ("stage", "reply", "status"),
    [
        ("MAIL", "451 4.3.0 try later", DEFERRED),
        ("MAIL", "452 4.3.1 disk full", DEFERRED),
        ("MAIL", "550 5.1.0 sender refused", FAILED),
        ("MAIL", "552 5.3.4 too big", FAILED),
        ("MAIL", "530 5.7.0 authentication required", FAILED),
        ("RCPT", "450 4.7.1 greylisted", DEFERRED),
        ("RCPT", "552 5.5.3 too many recipients", DEFERRED),
        ("RCPT", "554 5.7.1 no", FAILED),
        ("DATA", "451 4.3.0 try later", DEFERRED),
        ("DATA", "554 5.7.1 no", FAILED),
        ("DATA", "250 2.0.0 what", DEFERRED),
        ("EHLO", "550 5.7.30 no basic authentication", FAILED),
        ("CONNECT", "554 5.3.2 no mail here", FAILED),
        ("CONNECT", "421 4.3.2 too many connections", DEFERRED),
    ],
)
def test_refusals_before_the_message_is_committed(server: SmtpServer, stage: str, reply: str, status: str) -> None:
    """A refusal at any stage before the final dot is reported by its code, and the final dot is not committed."""
    server.faults = {stage: [reply, reply]}
    sent, commits = send_once(plain(server))
    assert (sent.status, commits, server.stored) == (status, 0, [])
    assert reply[:9] in sent.reply


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("fault", ["421 4.3.2 going down", HANG_UP])
def test_a_lost_connection_is_replaced_once(server: SmtpServer, stage: str, fault: str) -> None:
    """If a server closes before the final dot, one reconnection follows, and the message is stored once."""
    server.faults = {stage: [fault]}
    sent, commits = send_once(plain(server))
    assert (sent.status, commits, len(server.stored)) == (ACCEPTED, 1, 1)
    assert server.connections == 2


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_keeps_closing_is_left_alone(server: SmtpServer, stage: str) -> None:
    """A second lost connection defers the email."""
    server.faults = {stage: [HANG_UP, "421 4.3.2 going down", HANG_UP]}
    sent, commits = send_once(plain(server))
    assert (sent.status, commits, server.connections) == (DEFERRED, 0, 2)


def test_a_connection_reset_inside_the_message(server: SmtpServer) -> None:
    """A connection reset in the middle of the message leaves the final dot uncommitted."""
    server.faults = {"DATA": [BREAK_OFF, BREAK_OFF]}
    large = message().wire + b"0123456789abcdef\r\n" * 1_000_000
    sent, commits = send_once(plain(server), large)
    assert (sent.status, commits, server.connections) == (DEFERRED, 0, 2)


def test_a_refusal_before_the_messages_end_is_heard(server: SmtpServer) -> None:
    """If a server refuses in the middle of the message, the message is not completed."""
    server.faults = {"DATA": [SPEAK_EARLY]}
    large = message().wire + b"0123456789abcdef\r\n" * 1_000_000
    sent, commits = send_once(plain(server), large)
    assert (sent, commits, server.stored) == (SendResult(FAILED, "552 5.2.2 over quota"), 0, [])


@pytest.mark.parametrize(
    ("fault", "status", "kept"),
    [
        (STORE_AND_HANG_UP, UNKNOWN, 1),
        (HANG_UP, UNKNOWN, 0),
        ("banana", UNKNOWN, 0),
        ("354 more please", UNKNOWN, 0),
        ("451 4.3.0 try later", DEFERRED, 0),
        ("452 4.3.1 disk full", DEFERRED, 0),
        ("421 4.3.2 going down", DEFERRED, 0),
        ("554 5.6.0 refused", FAILED, 0),
    ],
)
def test_after_the_final_dot_only_a_reply_tells(server: SmtpServer, fault: str, status: str, kept: int) -> None:
    """Without a clear reply to the final dot, the state is unknown, and there is no retry."""
    server.faults = {"DOT": [fault]}
    sent, commits = send_once(plain(server))
    assert (sent.status, commits, len(server.stored), server.connections) == (status, 1, kept, 1)


@pytest.mark.parametrize(
    ("stage", "timeout", "status"), [("CONNECT", 0.3, DEFERRED), ("RCPT", 0.3, DEFERRED), ("DOT", 2.5, UNKNOWN)]
)
def test_silence_is_waited_for_and_ends(server: SmtpServer, stage: str, timeout: float, status: str) -> None:
    """A server that never replies defers the email before the final dot, and leaves it unknown after the dot."""
    server.faults = {stage: [SILENCE]}
    sent, _ = send_once(plain(server, timeout=timeout))
    assert (sent.status, server.connections) == (status, 1)
    assert "did not answer" in sent.reply


def test_a_message_above_the_servers_size_is_not_begun(server: SmtpServer) -> None:
    """A message above the size limit that a server announces is not sent."""
    server.size = 1000
    sent, _ = send_once(plain(server))
    assert sent.status is FAILED
    assert "at most 1000" in sent.reply
    assert "MAIL" not in server.commands


def test_one_refused_recipient_of_three(server: SmtpServer) -> None:
    """A rejected recipient delays no other, and costs no connection."""
    server.refused = {CFO: "550 5.1.1 no such user"}
    channel = smtp_channel(plain(server))
    outcomes = [send(channel, recipient)[0] for recipient in (CEO, CFO, CTO)]
    channel.close()
    assert [sent.status for sent in outcomes] == [ACCEPTED, FAILED, ACCEPTED]
    assert outcomes[1] == SendResult(FAILED, "550 5.1.1 no such user", attempted=True)
    assert [stored.recipients for stored in server.stored] == [(CEO,), (CTO,)]
    assert server.connections == 1


def test_one_connection_serves_many_messages(server: SmtpServer) -> None:
    """Messages share a connection with a reset between them, and QUIT ends it."""
    channel = smtp_channel(plain(server))
    assert [send(channel)[0].status for _ in range(5)] == [ACCEPTED] * 5
    channel.close()
    assert (server.connections, len(server.stored)) == (1, 5)
    assert (server.commands.count("EHLO"), server.commands.count("RSET"), server.commands[-1]) == (1, 4, "QUIT")


@pytest.mark.parametrize("fault", ["421 4.4.2 idle too long", HANG_UP, "503 5.5.1 no", SILENCE])
def test_a_dead_kept_connection_is_replaced(server: SmtpServer, fault: str) -> None:
    """A connection that died between two messages costs no email."""
    channel = smtp_channel(plain(server, timeout=60 if fault != SILENCE else 2.5))
    assert send(channel)[0].status is ACCEPTED
    server.faults = {"RSET": [fault]}
    assert send(channel)[0].status is ACCEPTED
    channel.close()
    assert (server.connections, len(server.stored)) == (2, 2)


def test_a_server_that_takes_leave_after_a_message_is_greeted_anew(server: SmtpServer) -> None:
    """A 421 reply to the final dot ends the connection; the next message uses another."""
    server.faults = {"DOT": ["421 4.3.2 going down"]}
    channel = smtp_channel(plain(server))
    assert [send(channel)[0].status for _ in range(2)] == [DEFERRED, ACCEPTED]
    channel.close()
    assert (server.connections, "RSET" in server.commands) == (2, False)


def test_a_closed_channel_may_be_used_again(server: SmtpServer) -> None:
    """Closing clears the recorded refusal, so that a fixed server is tried again."""
    server.faults = {"MAIL": ["530 5.7.0 authentication required"]}
    channel = smtp_channel(plain(server))
    assert [send(channel)[0].status for _ in range(2)] == [FAILED, FAILED]
    channel.close()
    assert send(channel)[0].status is ACCEPTED
    channel.close()


def test_a_server_out_of_reach_is_not_asked_for_ever() -> None:
    """If nothing listens, each email is deferred; after three attempts, the rest of the run does not wait for more."""
    with smtp_server() as server:
        settings = plain(server)
    channel = smtp_channel(settings)
    replies = [send(channel)[0] for _ in range(4)]
    assert [sent.status for sent in replies] == [DEFERRED] * 4
    assert [reply.reply.startswith("not sent") for reply in replies] == [False, False, False, True]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 300])
def test_a_host_that_is_none_defers(host: str) -> None:
    """A host name that does not resolve defers the email, and raises nothing."""
    sent, _ = send_once(SmtpSettings(host, 25, Security.NONE, SENDER, timeout=5))
    assert sent.status is DEFERRED


def test_a_ledger_that_cannot_commit_holds_the_message_back(server: SmtpServer) -> None:
    """If the final dot cannot be committed, the message is not completed and the server stores nothing."""

    def full() -> None:
        raise ArchiveError("the disk is full")

    channel = smtp_channel(plain(server))
    with pytest.raises(ArchiveError, match="full"):
        channel.send(Email(CEO, message().wire), full)
    assert send(channel)[0].status is ACCEPTED
    channel.close()
    assert (len(server.stored), server.connections) == (1, 2)


@pytest.mark.parametrize("wire", [b"Subject: x\r\n\r\na\n.\nMAIL FROM:<x>\r\n", b"a\r.\r\r\n", b"no end"])
def test_stray_line_ends_never_reach_a_server(server: SmtpServer, wire: bytes) -> None:
    """A message with any line end but CRLF could smuggle in a second one, and is rejected."""
    sent, _ = send_once(plain(server), wire)
    assert (sent.status, server.connections) == (FAILED, 0)


def test_a_recipient_that_is_no_address_fails_alone(server: SmtpServer) -> None:
    """A recipient with a line break in it never reaches the server."""
    channel = smtp_channel(plain(server))
    sent = channel.send(Email(f"{CEO}>\r\nRCPT TO:<{CFO}", message().wire), lambda: None)
    assert (sent.status, server.connections) == (FAILED, 0)


def test_settings_that_cannot_work_are_refused(server: SmtpServer, tmp_path: Path) -> None:
    """A partial login, an unencrypted login, or an invalid authority: one sentence before anything is sent."""
    settings = plain(server)
    with pytest.raises(ConfigurationError, match="belong together"):
        replace(settings, username="reports")
    with pytest.raises(ConfigurationError, match="without TLS"):
        replace(settings, username="reports", password=PASSWORD)
    for path in (tmp_path / "missing.pem", Path(__file__)):
        with pytest.raises(DeliveryError, match="CA_FILE"):
            smtp_channel(replace(settings, ca_file=path))
