"""The SMTP envelope that precedes a message."""

import pytest

from reporter.delivery.channel import DeliveryStatus
from reporter.delivery.smtp.replies import MessageNotTaken
from reporter.delivery.smtp.session import mail_from, rcpt_to, size_limit

WIRE = b"From: a@b.example\r\nMessage-ID: <abc234@b.example>\r\n\r\nMessage-ID: <other@b.example>\r\n"
CEO = "ceo@acme.example"


def test_nothing_is_asked_of_a_server_that_offers_nothing() -> None:
    """A server without extensions gets the plain commands of RFC 5321."""
    assert mail_from("a@b.example", WIRE, {}) == "MAIL FROM:<a@b.example>"
    assert rcpt_to(CEO, {}) == f"RCPT TO:<{CEO}>"


def test_notices_are_asked_for_where_they_are_offered() -> None:
    """Failure and delay notices are requested, sent to the sender without the report, under the message's own id."""
    assert mail_from("a@b.example", WIRE, {"dsn": ""}) == "MAIL FROM:<a@b.example> RET=HDRS ENVID=abc234@b.example"
    assert rcpt_to(CEO, {"dsn": ""}) == f"RCPT TO:<{CEO}> NOTIFY=FAILURE,DELAY"


@pytest.mark.parametrize("identity", [b"", b"Message-ID: <a+b=c@d>\r\n", b"Message-ID: <" + b"a" * 101 + b">\r\n"])
def test_an_id_that_does_not_fit_the_envelope_is_left_out(identity: bytes) -> None:
    """Without an id, or with one that an envelope cannot contain, nothing that could be refused is requested."""
    wire = identity + b"\r\n\r\nMessage-ID: <other@b.example>\r\n"
    assert mail_from("a@b.example", wire, {"dsn": ""}) == "MAIL FROM:<a@b.example>"


def test_the_size_is_told_and_its_limit_kept() -> None:
    """A message of exactly the allowed size is sent with its size; one byte more is refused permanently."""
    assert mail_from("a@b.example", WIRE, {"size": str(len(WIRE))}) == f"MAIL FROM:<a@b.example> SIZE={len(WIRE)}"
    with pytest.raises(MessageNotTaken, match=f"at most {len(WIRE) - 1}") as refusal:
        mail_from("a@b.example", WIRE, {"size": str(len(WIRE) - 1)})
    assert (refusal.value.sent.status, refusal.value.sent.attempted) == (DeliveryStatus.FAILED, True)


@pytest.mark.parametrize(
    ("offered", "limit"), [({}, None), ({"size": ""}, None), ({"size": "0"}, None), ({"size": "x"}, None)]
)
def test_a_limit_that_is_not_told_is_none(offered: dict[str, str], limit: int | None) -> None:
    """A server that announces no size limit, or 0, accepts any size."""
    assert size_limit(offered) is limit
    assert mail_from("a@b.example", WIRE, offered).startswith("MAIL FROM:<a@b.example>")
