"""The bytes of a message: what an email program reads from them, whatever the texts."""

import email
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from email import policy
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.delivery.channel import DeliveryKey
from reporter.delivery.message import EmailContent, build_message, message_id
from reporter.domain.mailbox import Mailbox, read_mailbox
from reporter.domain.strings import one_line
from tests.unit.delivery.mails import MAIL, SENDER, key_of, parsed

ROOT = Path(__file__).parents[3]
RECIPIENT = "ceo@acme.example"
ID = message_id(key_of(RECIPIENT), "example.com")
HEADERS = [
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]
BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00", "\ud800", "\t", " ", "\u202e"]
HOSTILE = [*BREAKS, "Bcc: x@y.example", "=?utf-8?q?=0D=0ABcc:_x=40y.example?=", *'"\\<>@,;:/é😀ب', ".."]
any_text = st.text(st.characters(), max_size=300) | st.lists(st.sampled_from(HOSTILE), max_size=60).map("".join)


def wire_of(
    mail: EmailContent = MAIL,
    *,
    sender: Mailbox = SENDER,
    recipient: str = RECIPIENT,
    reply_to: Mailbox | None = None,
) -> bytes:
    """The message's bytes."""
    return build_message(mail, sender=sender, recipient=read_mailbox(recipient), reply_to=reply_to, message_id=ID)


def mailboxes(wire: bytes, header: str) -> list[tuple[str, str]]:
    """The names and addresses that an email program finds in a header."""
    found = parsed(wire)[header]
    assert isinstance(found, AddressHeader)
    return [(mailbox.display_name, mailbox.addr_spec) for mailbox in found.addresses]


KINDS = ("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf")


def assert_is_sound(wire: bytes, kinds: tuple[str, ...] = KINDS) -> None:
    """Assert that the message has exactly its headers, lines that servers accept, and the parts it was composed of."""
    assert [name for name, _ in parsed(wire).items()] == HEADERS
    assert wire.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", wire)
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    assert tuple(part.get_content_type() for part in parsed(wire).walk()) == kinds


def test_the_message_says_what_it_must() -> None:
    """Required headers are set once, the email is marked automatic, failure notices are allowed, and Bcc is empty."""
    wire = wire_of()
    message = parsed(wire)
    assert_is_sound(wire)
    assert wire.count(b"MIME-Version:") == 1
    assert message["Date"] == "Fri, 01 May 2026 08:30:00 +0000"
    assert message["From"] == str(SENDER)
    assert message["To"] == RECIPIENT
    assert message["Subject"] == MAIL.subject
    assert message["Message-ID"] == ID
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["Content-Language"] == "en-US"


def test_the_parts_are_what_was_given() -> None:
    """Text, HTML, and PDF are read back unchanged, the PDF as an attachment with its name."""
    message = parsed(wire_of())
    text, html = (part for part in next(message.iter_parts()).iter_parts())
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().strip() == MAIL.html
    pdf = next(message.iter_attachments())
    assert (pdf.get_content(), pdf.get_filename()) == (MAIL.pdf, MAIL.filename)


def test_answers_go_where_they_should() -> None:
    """Reply-To is set if given, with its name and a domain in ASCII."""
    assert mailboxes(wire_of(reply_to=read_mailbox("Jörg <jo@bücher.example>")), "Reply-To") == [
        ("Jörg", "jo@xn--bcher-kva.example")
    ]
    assert "Reply-To" not in parsed(wire_of())


def test_base64_lines_are_short() -> None:
    """No line of the PDF is longer than the 76 characters of RFC 2045."""
    body = wire_of(replace(MAIL, pdf=bytes(range(256)) * 50)).partition(b"application/pdf")[2]
    assert max(map(len, body.split(b"\r\n"))) == 76


def test_long_lines_and_other_alphabets_survive() -> None:
    """A line of text of any length or alphabet is read back unchanged over seven bits."""
    text = "x" * 5000 + "\n" + "Отчёт 😀 " * 500 + "\n" + "From here\n.\n"
    wire = wire_of(replace(MAIL, text=text, html=f"<p>{text}</p>"))
    assert_is_sound(wire)
    plain = parsed(wire).get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == text


def test_a_picture_lies_beside_the_html() -> None:
    """An image in the HTML is found by its Content-ID, and the PDF is the only attachment."""
    picture = bytes(range(256)) * 9
    html = '<img src="cid:logo.png@report">'
    wire = wire_of(replace(MAIL, html=html, pictures={"logo.png@report": picture}))
    assert_is_sound(wire, (*KINDS[:3], "multipart/related", "text/html", "image/png", "application/pdf"))
    message = parsed(wire)
    body = message.get_body(("html",))
    assert body is not None
    assert body.get_content().strip() == html
    (shown,) = (part for part in message.walk() if part.get_content_type() == "image/png")
    assert (shown["Content-ID"], shown.get_content_disposition()) == ("<logo.png@report>", "inline")
    assert shown.get_content() == picture
    assert [part.get_content_type() for part in message.iter_attachments()] == ["application/pdf"]


def test_controls_in_a_body_become_blanks() -> None:
    """NUL, a lone carriage return, and half a surrogate pair never reach a server."""
    wire = wire_of(replace(MAIL, text="a\x00b\ud800c\rd\r\ne\tf\x1b", html="<p>\x00\udfff</p>"))
    assert_is_sound(wire)
    plain = parsed(wire).get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == ["a b c", "d", "e\tf "]


@given(subject=any_text, name=any_text, filename=any_text)
def test_no_text_adds_a_header(subject: str, name: str, filename: str) -> None:
    """Whatever subject, name, and file name contain, the headers are the same, and the subject is a single line."""
    quoted = one_line(name).replace("\\", "\\\\").replace('"', '\\"')
    recipient = f'"{quoted}" <{RECIPIENT}>'
    wire = wire_of(replace(MAIL, subject=subject, filename=filename), recipient=recipient)
    assert_is_sound(wire)
    raw = email.message_from_bytes(wire, policy=policy.compat32)
    assert str(make_header(decode_header(raw["Subject"]))) == one_line(subject)
    assert [address for _, address in mailboxes(wire, "To")] == [RECIPIENT]
    stored = next(parsed(wire).iter_attachments()).get_filename()
    assert stored is not None
    assert stored.endswith(".pdf")
    assert len(stored) <= 104
    assert not re.search(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e<>:"/\\|?*]', stored)


@pytest.mark.parametrize(
    "text",
    [
        "Отчёт за апрель 2026",
        "تقرير أبريل 2026",
        "דוח אפריל",
        "2026年4月レポート",
        "👩‍👩‍👧 Acme 🏗️ 2026",
        "Chiffre d’affaires : 1 234 €",
        "x" * 80,
        "naïve café",
        "100% of “it”",
    ],
)
def test_every_alphabet_reads_back(text: str) -> None:
    """Subject, names, and file name of any script are read back unchanged, in old and new email programs."""
    mail = replace(MAIL, subject=text, text=text, filename=f"{text}.pdf")
    wire = wire_of(mail, sender=Mailbox(text, "r@example.com"))
    assert_is_sound(wire)
    assert parsed(wire)["Subject"] == text
    assert mailboxes(wire, "From") == [(text, "r@example.com")]
    attachment = next(parsed(wire).iter_attachments())
    assert attachment.get_filename() == f"{text.replace(':', '-')}.pdf"
    fallback = attachment["Content-Type"].params["name"]
    assert fallback.isascii()
    assert fallback.endswith(".pdf")


def test_a_subject_of_ten_thousand_characters() -> None:
    """A subject of any length is folded into lines that servers accept, and is read back complete."""
    for subject in ("Ж" * 10_000, "x" * 10_000, "two words " * 1000 + "end"):
        wire = wire_of(replace(MAIL, subject=subject))
        assert_is_sound(wire)
        assert max(map(len, wire.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
        assert parsed(wire)["Subject"] == subject


def test_a_long_quoted_name_stays_one_mailbox() -> None:
    """A long name that contains an address cannot become a second recipient."""
    name = "X, <evil@evil.example>, " + "y" * 200
    wire = wire_of(recipient=f'"{name}" <{RECIPIENT}>')
    assert mailboxes(wire, "To") == [(name, RECIPIENT)]


@pytest.mark.parametrize(
    ("given_name", "stored", "fallback"),
    [
        ("../../etc/passwd", "-..-etc-passwd.pdf", "-..-etc-passwd.pdf"),
        ("a/b\\c:d*e?.pdf", "a-b-c-d-e-.pdf", "a-b-c-d-e-.pdf"),
        ("", "report.pdf", "report.pdf"),
        (". .pdf", "report.pdf", "report.pdf"),
        ("Отчёт.pdf", "Отчёт.pdf", "Otchet.pdf"),
        ("😀.pdf", "😀.pdf", "report.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe.pdf", "invoicefdp.exe.pdf"),
        ("x" * 500 + ".pdf", "x" * 100 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_filename_is_safe_everywhere(given_name: str, stored: str, fallback: str) -> None:
    """The attachment's name is not a path, hides nothing, is short, and has an approximate name in ASCII."""
    attachment = next(parsed(wire_of(replace(MAIL, filename=given_name))).iter_attachments())
    assert (attachment.get_filename(), attachment["Content-Type"].params["name"]) == (stored, fallback)


def test_the_message_id_is_short_and_of_its_key() -> None:
    """The same key gives the same id, another key gives another, and no id is longer than 77 characters."""
    keys = [
        DeliveryKey("a", "b", "c", "d", 1),
        DeliveryKey("ab", "", "c", "d", 1),
        DeliveryKey("a", "b", "c", "d", 2),
        DeliveryKey('a", "b', "", "c", "d", 1),
        DeliveryKey("a", "b", "c", "d\ud800", 1),
    ]
    for domain in ("example.com", ".".join(["x" * 60] * 4), "y" * 63, "localhost"):
        ids = [message_id(key, domain) for key in keys]
        assert ids == [message_id(key, domain) for key in keys]
        assert len(set(ids)) == len(keys)
        assert all(re.fullmatch(r"<[a-z2-7]{32}@[a-z.]+>", found) and len(found) < 78 for found in ids)
    assert message_id(keys[0], "example.com").endswith("@example.com>")


def test_the_date_is_the_reports_own() -> None:
    """The Date is the time when the email was issued, in its own time zone."""
    issued = datetime(2026, 5, 1, 8, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
    assert parsed(wire_of(replace(MAIL, issued=issued)))["Date"] == "Fri, 01 May 2026 08:30:00 +0530"


BUILD = """
import hashlib
from tests.unit.delivery.test_message import *
mail = replace(MAIL, subject="Отчёт " * 30, filename="Отчёт.pdf", text="é" * 500)
print(hashlib.sha256(wire_of(mail, recipient="Jörg <jo@acme.example>")).hexdigest())
"""


def test_two_processes_make_the_same_bytes() -> None:
    """A process's hash seed, time zone, and locale do not affect the message."""
    surroundings = [("0", "UTC", "C"), ("1", "Asia/Kathmandu", "C.UTF-8"), ("4242", "America/St_Johns", "POSIX")]
    made = {
        subprocess.run(
            [sys.executable, "-c", BUILD],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale},
        ).stdout
        for seed, zone, locale in surroundings
    }
    assert len(made) == 1
