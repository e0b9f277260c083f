"""An smtplib client whose replies are limited in total time, however slowly the bytes arrive, and in length."""

import re
import smtplib
from socket import socket
from time import monotonic

_LONGEST = 64 * 1024
"""Maximum bytes of a reply; RFC 5321, 4.5.3.1.5 limits a line to 512, and a greeting has a few dozen lines."""

_LINE = re.compile(rb"(?P<code>\d{3})(?P<more>-?)(?P<text>.*)", re.DOTALL)
_NONSENSE = -1
"""smtplib's code for an invalid reply."""


class BoundedClient(smtplib.SMTP):
    """An SMTP client whose socket timeout covers a whole reply; smtplib's covers each read."""

    def getreply(self) -> tuple[int, bytes]:
        """The next reply, its lines separated by line feeds; the code is -1 if it is invalid.

        Raises TimeoutError, another OSError, or SMTPServerDisconnected, and closes the connection first.
        """
        connection = self.opened()
        patience = connection.gettimeout() or 0.0
        try:
            reply = self._read(connection, monotonic() + patience)
        except (OSError, smtplib.SMTPServerDisconnected):
            self.close()
            raise
        connection.settimeout(patience)
        return reply

    def opened(self) -> socket:
        """The open socket; raises SMTPServerDisconnected if there is none."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        return self.sock

    def _read(self, connection: socket, end: float) -> tuple[int, bytes]:
        texts: list[bytes] = []
        left = _LONGEST
        while True:
            line = self._read_line(connection, end, left)
            left -= len(line)
            found = _LINE.fullmatch(line.rstrip(b"\r\n"))
            texts.append(found["text"].strip() if found else line.strip())
            if found is None or not found["more"]:
                return int(found["code"]) if found else _NONSENSE, b"\n".join(texts)

    def _read_line(self, connection: socket, end: float, longest: int) -> bytes:
        line = b""
        # smtplib drops this file when TLS starts, and with it any bytes injected before the encryption.
        self.file = self.file or connection.makefile("rb")
        while not line.endswith(b"\n"):
            left = end - monotonic()
            if left <= 0:
                raise TimeoutError("the reply takes too long")
            connection.settimeout(left)
            arrived = self.file.peek()  # buffered bytes, or the next to arrive
            if not arrived:
                raise smtplib.SMTPServerDisconnected("the server closed the connection")
            line += self.file.read(arrived.find(b"\n") + 1 or len(arrived))
            if len(line) > longest:
                raise smtplib.SMTPServerDisconnected("its reply has no end")
        return line


class BoundedTlsClient(BoundedClient, smtplib.SMTP_SSL):
    """The same client with TLS from the start."""
