"""Token logins against a real server: Postfix asks Dovecot, which checks signature, expiry, and mailbox."""

from pathlib import Path
from uuid import uuid4

import pytest

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.delivery.smtp.smtp_settings import Security, SmtpSettings, TokenCommand
from tests.functional.sending import send, smtp_channel
from tests.postfix import USER, Postfix, token
from tests.unit.delivery.mails import SENDER

pytestmark = pytest.mark.slow

SPENT = """
if mkdir "$1/asked" 2>/dev/null; then cat "$1/first"; else cat "$1/second"; fi
"""
"""A command that prints one token the first time, and another from then on."""


@pytest.fixture
def reader() -> str:
    """A recipient that no other test uses."""
    return f"{uuid4().hex}@acme.example"


def send_with(postfix: Postfix, folder: Path, reader: str, first: str, second: str) -> SendResult:
    """The result of sending an email when a command prints these tokens."""
    (folder / "first").write_text(first)
    (folder / "second").write_text(second)
    command = TokenCommand(("sh", "-c", SPENT, "tokens", str(folder)))
    place = ("localhost", postfix.ports["xoauth2"], Security.STARTTLS, SENDER)
    settings = SmtpSettings(*place, username=USER, ca_file=postfix.ca_file, timeout=60, tokens=command)
    channel = smtp_channel(settings)
    try:
        sent, _ = send(channel, reader)
    finally:
        channel.close()
    return sent


def test_a_token_opens_the_server(postfix: Postfix, reader: str, tmp_path: Path) -> None:
    """An email is sent with a token as the only credential, which is fetched once."""
    sent = send_with(postfix, tmp_path, reader, token(), "none")
    assert sent.status is DeliveryStatus.ACCEPTED
    identity = sent.reply.rpartition(" ")[2]
    assert f"{identity}: client=unknown[127.0.0.1], sasl_method=XOAUTH2, sasl_username={USER}" in postfix.log
    assert len(postfix.mails(reader)) == 1


def test_a_refused_token_is_replaced_once(postfix: Postfix, reader: str, tmp_path: Path) -> None:
    """An expired token is replaced by a new one, and the email is sent, once."""
    sent = send_with(postfix, tmp_path, reader, token(seconds=-60), token())
    assert sent.status is DeliveryStatus.ACCEPTED
    assert len(postfix.mails(reader)) == 1


@pytest.mark.parametrize(
    "bad",
    [token(seconds=-60), token(key=b"a key that nobody agreed upon, but as long"), token("other@acme.example")],
    ids=["expired", "wrongly signed", "another's"],
)
def test_tokens_that_are_no_good_stop_the_run(postfix: Postfix, reader: str, tmp_path: Path, bad: str) -> None:
    """After a second refusal nothing is sent; the server's status and the fix are reported, and the token is not."""
    earlier = postfix.visits()
    sent = send_with(postfix, tmp_path, reader, bad, bad)
    assert (sent.status, sent.attempted) == (DeliveryStatus.FAILED, False)
    assert "535 5.7.8" in sent.reply
    assert "status 401" in sent.reply
    assert "smtp.token_command must print a token for the mailbox in smtp.username" in sent.reply
    assert not any(part in sent.reply for part in bad.split("."))
    assert "mail" not in postfix.visit_after(earlier)
    assert postfix.mails(reader) == []
