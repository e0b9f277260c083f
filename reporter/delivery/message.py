"""Build the messages of an edition's email: the same content always gives the same bytes.

The library builds the MIME tree. Headers with names, addresses, and ids are finished here and written verbatim, because
the library would parse and refold them: it encodes long Message-IDs, decodes text that only resembles an encoded word,
and its older versions then let a line break through.
"""

import hashlib
import json
import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.charset import SHORTEST, Charset
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr
from typing import Any

from slugify import slugify

from reporter.delivery.channel import DeliveryKey, Purpose
from reporter.domain.mailbox import Mailbox
from reporter.domain.strings import one_line

_LINE = 76
"""Maximum characters in a line of a folded header, and in a line of base64."""

_LONGEST_ID = 77
_LONGEST_NAME = 300
"""Maximum ASCII characters of a display name on one line: clients differ in how they read a folded one."""

_LONGEST_STEM = 100
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Characters not allowed in a body: controls other than tab and line ends, and unpaired surrogates."""

_UNSAFE_IN_FILENAME = re.compile(r'[<>:"/\\|?*]')
_REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Bidirectional controls: harmless in a subject, but in a file name they can hide the extension."""

_UTF_8 = Charset("utf-8")
_UTF_8.header_encoding = SHORTEST  # the library's default, which Apprise changes for the whole process

_FINISHED = frozenset({"from", "to", "reply-to", "subject", "message-id", "content-language"})


@dataclass(frozen=True, slots=True)
class EmailContent:
    """The content of one edition's email, without a recipient. `issued` becomes its Date, `filename` names the PDF.

    `pictures` are the PNG images that the HTML shows, by Content-ID.
    """

    subject: str
    text: str
    html: str
    pdf: bytes
    filename: str
    language: str
    issued: datetime
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One recipient's finished message: `wire` holds the bytes archived as `file` and sent to the server.

    It is sent only to addresses in `domains`; None allows any domain.
    """

    key: DeliveryKey
    message_id: str
    file: str
    wire: bytes = field(repr=False)
    domains: tuple[str, ...] | None = None


class _AsFinished(EmailPolicy):
    """The wire policy (CRLF, 7 bits) that keeps and writes the finished headers verbatim."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return (name, value) if name.lower() in _FINISHED else super().header_store_parse(name, value)

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        return value if name.lower() in _FINISHED else super().header_fetch_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _FINISHED:
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _AsFinished(linesep="\r\n", cte_type="7bit", max_line_length=_LINE + 2)


def prepare(
    content: EmailContent,
    key: DeliveryKey,
    file: str,
    *,
    sender: Mailbox,
    to: Mailbox,
    reply_to: Mailbox | None = None,
    domains: tuple[str, ...] | None = None,
) -> OutgoingMessage:
    """Build the message to the key's recipient, whose mailbox is `to`."""
    identity = message_id(key, sender.domain)
    wire = build_message(content, sender=sender, recipient=to, reply_to=reply_to, message_id=identity)
    return OutgoingMessage(key, identity, file, wire, domains)


def message_id(key: DeliveryKey, domain: str) -> str:
    """The Message-ID, the same for every attempt at this message: with angle brackets, below 78 characters.

    A longer domain loses its first labels; the hash alone makes the rest unique. That of a test send differs from that
    of the report to the same recipient.
    """
    about = [key.organization_id, key.period, key.label, key.recipient, key.revision]
    identity = json.dumps(about if key.purpose is Purpose.REPORT else [*about, key.purpose])
    unique = b32encode(hashlib.sha256(identity.encode("ascii")).digest()).decode("ascii")[:32].lower()
    while len(unique) + len(domain) + len("<@>") > _LONGEST_ID:
        domain = domain.partition(".")[2]
    return f"<{unique}@{domain or 'localhost'}>"


def build_message(
    content: EmailContent, *, sender: Mailbox, recipient: Mailbox, reply_to: Mailbox | None, message_id: str
) -> bytes:
    """The complete message with CRLF line ends, ready to send.

    Subject and file name may contain anything and are made safe.
    """
    message = _empty(
        content.subject,
        content.issued,
        sender=sender,
        recipient=recipient,
        message_id=message_id,
        reply_to=reply_to,
    )
    boundary = _boundary(content, message_id)
    message.set_content(_body(content.text))
    message.make_alternative(boundary=f"{boundary}a")
    message.add_alternative(_body(content.html), subtype="html")
    if content.pictures:
        _add_pictures(message, content.pictures, f"{boundary}r")
    message.make_mixed(boundary=f"{boundary}m")
    filename, fallback = _filenames(content.filename)
    # The fallback is for programs that cannot read the encoded name, so it has a parameter of its own.
    message.add_attachment(
        content.pdf, maintype="application", subtype="pdf", filename=filename, params={"name": fallback}
    )
    message["Content-Language"] = _encoded("Content-Language", content.language.replace("_", "-"))
    for part in list(message.walk())[1:]:
        del part["MIME-Version"]  # the library adds one to every part; only the message itself needs it
    return message.as_bytes()


def _add_pictures(message: EmailMessage, pictures: Mapping[str, bytes], boundary: str) -> None:
    """Attach the pictures inline, next to the HTML that shows them."""
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.make_related(boundary=boundary)
    for cid, picture in pictures.items():
        name = cid.partition("@")[0]
        html.add_related(picture, "image", "png", cid=f"<{cid}>", disposition="inline", filename=name)


def build_text_message(
    subject: str, text: str, issued: datetime, *, sender: Mailbox, recipient: Mailbox, message_id: str
) -> bytes:
    """A plain-text message, ready to send; subject and text may contain anything."""
    message = _empty(subject, issued, sender=sender, recipient=recipient, message_id=message_id)
    message.set_content(_body(text))
    return message.as_bytes()


def _empty(
    subject: str,
    issued: datetime,
    *,
    sender: Mailbox,
    recipient: Mailbox,
    message_id: str,
    reply_to: Mailbox | None = None,
) -> EmailMessage:
    """A message with its headers only; X-Auto-Response-Suppress still lets failure notifications (DSNs) through."""
    message = EmailMessage(policy=_POLICY)
    message["Date"] = format_datetime(issued)
    message["From"] = _mailbox("From", sender)
    message["To"] = _mailbox("To", recipient)
    if reply_to:
        message["Reply-To"] = _mailbox("Reply-To", reply_to)
    message["Subject"] = _encoded("Subject", subject)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    return message


def _encoded(header: str, text: str, limit: int = _LINE) -> str:
    """The text on one line, verbatim if it is plain ASCII and fits, otherwise as folded UTF-8 encoded words."""
    line = one_line(text)
    if line.isascii() and "=?" not in line and len(f"{header}: {line}") <= limit:
        return line
    return Header(line, _UTF_8, maxlinelen=_LINE, header_name=header).encode(linesep="\r\n")


def _mailbox(header: str, mailbox: Mailbox) -> str:
    """The mailbox with its name quoted or encoded, never both, and its address unbroken."""
    name = _encoded(header, mailbox.name, _LONGEST_NAME)
    if name == mailbox.name:
        return formataddr((name, mailbox.address))
    return f"{name}\r\n <{mailbox.address}>"


def _filenames(name: str) -> tuple[str, str]:
    """The attachment's name, valid in any file system, and the closest ASCII name."""
    safe = _UNSAFE_IN_FILENAME.sub("-", one_line(_REORDERING.sub("", name)))
    stem = safe.removesuffix(".pdf")[:_LONGEST_STEM].strip(". ") or "report"
    return f"{stem}.pdf", f"{stem if stem.isascii() else slugify(stem, lowercase=False, max_length=60) or 'report'}.pdf"


def _body(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)


def _boundary(content: EmailContent, message_id: str) -> str:
    """A boundary that no part contains: a hash of the parts, and `=_` occurs in neither base64 nor quoted-printable."""
    texts = f"{message_id}\0{content.text}\0{content.html}".encode("utf-8", "backslashreplace")
    digest = hashlib.sha256(texts + content.pdf).hexdigest()
    return f"=_{digest[:32]}"
