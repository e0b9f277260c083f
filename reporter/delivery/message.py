"""Build the MIME message of an edition's email: the same content always gives the same bytes.

The library builds the MIME tree. Headers with names, addresses, and ids are finished here and written verbatim, because
the library would parse and refold them: it encodes long Message-IDs, decodes text that only resembles an encoded word,
and its older versions then let a line break through.
"""

import hashlib
import json
import re
from base64 import b32encode
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr
from typing import Any

from slugify import slugify

from reporter.delivery.channel import DeliveryKey, EmailContent, Purpose
from reporter.domain.mailbox import Mailbox
from reporter.domain.strings import one_line

_LINE = 76
"""Maximum characters in a line of a folded header, and in a line of base64."""

_LONGEST_ID = 77
_LONGEST_NAME = 300
"""Maximum ASCII characters of a display name on one line: clients differ in how they read a folded one."""

_LONGEST_STEM = 100
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Characters not allowed in a body: controls other than tab and line ends, and unpaired surrogates."""

_UNSAFE_IN_FILENAME = re.compile(r'[<>:"/\\|?*]')
_REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Bidirectional controls: harmless in a subject, but in a file name they can hide the extension."""

_FINISHED = frozenset({"from", "to", "reply-to", "subject", "message-id", "content-language"})


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
    mail: EmailContent, *, sender: Mailbox, recipient: Mailbox, reply_to: Mailbox | None, message_id: str
) -> bytes:
    """The complete message with CRLF line ends, ready to send.

    Subject and file name may contain anything and are made safe; an invalid address raises DeliveryError.
    """
    message = EmailMessage(policy=_POLICY)
    headers = _headers(mail.subject, mail.issued, sender, recipient, message_id=message_id, reply_to=reply_to)
    for name, value in headers.items():
        message[name] = value
    boundary = _boundary(mail, message_id)
    message.set_content(_body(mail.text))
    message.make_alternative(boundary=f"{boundary}a")
    message.add_alternative(_body(mail.html), subtype="html")
    if mail.pictures:
        _add_pictures(message, mail.pictures, f"{boundary}r")
    message.make_mixed(boundary=f"{boundary}m")
    filename, fallback = _filenames(mail.filename)
    # The fallback is for programs that cannot read the encoded name, so it has a parameter of its own.
    message.add_attachment(
        mail.pdf, maintype="application", subtype="pdf", filename=filename, params={"name": fallback}
    )
    message["Content-Language"] = _encoded("Content-Language", mail.language.replace("_", "-"))
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
    message = EmailMessage(policy=_POLICY)
    for name, value in _headers(subject, issued, sender, recipient, message_id=message_id).items():
        message[name] = value
    message.set_content(_body(text))
    return message.as_bytes()


def _headers(
    subject: str,
    issued: datetime,
    sender: Mailbox,
    recipient: Mailbox,
    *,
    message_id: str,
    reply_to: Mailbox | None = None,
) -> dict[str, str]:
    """The message's own headers; X-Auto-Response-Suppress still lets failure notifications (DSNs) through."""
    answers_to = {"Reply-To": _mailbox("Reply-To", reply_to)} if reply_to else {}
    return {
        "Date": format_datetime(issued),
        "From": _mailbox("From", sender),
        "To": _mailbox("To", recipient),
        **answers_to,
        "Subject": _encoded("Subject", subject),
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def _encoded(header: str, text: str, limit: int = _LINE) -> str:
    """The text on one line, verbatim if it is plain ASCII and fits, otherwise as folded UTF-8 encoded words."""
    line = one_line(text)
    if line.isascii() and "=?" not in line and len(f"{header}: {line}") <= limit:
        return line
    return Header(line, "utf-8", maxlinelen=_LINE, header_name=header).encode(linesep="\r\n")


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
    return _UNSPEAKABLE.sub(" ", text)


def _boundary(mail: EmailContent, message_id: str) -> str:
    """A boundary that no part contains: a hash of the parts, and `=_` occurs in neither base64 nor quoted-printable."""
    content = (message_id, mail.text, mail.html)
    digest = hashlib.sha256("\0".join(content).encode("utf-8", "backslashreplace") + mail.pdf).hexdigest()
    return f"=_{digest[:32]}"
