"""What is said about a message before it is handed over: whose, to whom, how large, and what to tell the sender of it.

`offered` is what the server's answer to EHLO lists, in lower case, with the parameters of each.
"""

import re
from collections.abc import Mapping

from reporter.delivery.channel import DeliveryStatus, SendResult
from reporter.delivery.smtp.replies import MessageNotTaken

_MESSAGE_ID = re.compile(rb"^message-id: *<([!-*,-<>-~]{1,100})>\r$", re.IGNORECASE | re.MULTILINE)
"""One that fits into an envelope as it is, where RFC 3461 has other forms for `+` and `=` and an end at 100."""


def mail_from(sender: str, wire: bytes, offered: Mapping[str, str]) -> str:
    """The command that begins the message, with its size and the wish for notices of failure without the message.

    Raises NotTaken when the message is larger than the server takes.
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
    """The command that names the reader, with the wish to be told of a failure and of a delay, but of no success."""
    return f"RCPT TO:<{recipient}>" + (" NOTIFY=FAILURE,DELAY" if "dsn" in offered else "")


def size_limit(offered: Mapping[str, str]) -> int | None:
    """The bytes a message may have at most; None where the server does not say, or says 0 for any."""
    limit = offered.get("size", "").partition(" ")[0]
    return int(limit) or None if limit.isdecimal() else None
