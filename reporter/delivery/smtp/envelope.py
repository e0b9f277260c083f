"""The SMTP envelope commands `MAIL FROM` and `RCPT TO`, with the extensions SIZE and DSN.

`offered` maps the extensions in the server's EHLO reply, in lower case, to their parameters.
"""

import re
from collections.abc import Mapping

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.delivery.smtp.replies import MessageNotTaken

_MESSAGE_ID = re.compile(rb"^message-id: *<([!-*,-<>-~]{1,100})>\r$", re.IGNORECASE | re.MULTILINE)
"""An ID that fits into ENVID verbatim: RFC 3461 requires `+` and `=` to be encoded and limits it to 100 characters."""


def mail_from(sender: str, wire: bytes, offered: Mapping[str, str]) -> str:
    """The `MAIL FROM` command, with the size and a request for failure notifications without the message.

    Raises MessageNotTaken if the message is larger than the server accepts.
    """
    command = f"MAIL FROM:<{sender}>"
    if "size" in offered:
        limit = size_limit(offered)
        if limit and limit < len(wire):
            sentence = f"the message has {len(wire)} bytes and the mail server takes at most {limit}: raise its limit"
            raise MessageNotTaken(SendResult(DeliveryStatus.FAILED, sentence))
        command += f" SIZE={len(wire)}"
    identity = _MESSAGE_ID.search(wire.partition(b"\r\n\r\n")[0] + b"\r\n")
    if "dsn" in offered and identity:
        command += f" RET=HDRS ENVID={identity[1].decode('ascii')}"
    return command


def rcpt_to(recipient: str, offered: Mapping[str, str]) -> str:
    """The `RCPT TO` command, with a request for notifications of failure and delay, but not of success."""
    return f"RCPT TO:<{recipient}>" + (" NOTIFY=FAILURE,DELAY" if "dsn" in offered else "")


def size_limit(offered: Mapping[str, str]) -> int | None:
    """The maximum message size in bytes; None if the server does not state it, or states 0 for no limit."""
    limit = offered.get("size", "").partition(" ")[0]
    return int(limit) or None if limit.isdecimal() else None
