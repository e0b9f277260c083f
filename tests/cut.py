"""A connection between the command and a mail server that can be cut at a point of a message, although it is encrypted.

with cut_line(server.port) as cut:
    cut.at[DOT] = lambda: Deed.LOSE

Commands are recognized by their length: the final dot and DATA are sent in TLS records of their own.
"""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.daemons import PATIENCE

DATA = "DATA"
"""The command has been sent, and the server has not received it yet."""

DOT = "DOT"
"""The final dot has been sent, and the server has not received it yet."""

_TLS = range(20, 24)
"""First bytes of a TLS record; a command begins with a letter."""

_APPLICATION_DATA = 23
_HEAD = 5
_AROUND = _HEAD + 17
"""Bytes that TLS 1.3 adds to the content: the header, the content type, and the tag."""


class Deed(Enum):
    """What happens to the data received."""

    PASS_ON = auto()
    LOSE = auto()
    """It never arrives: both ends see the connection fail."""

    KEEP_ANSWER = auto()
    """It arrives, and the connection is cut in place of the server's reply."""


@dataclass
class Gate:
    """Holds data back: `reached` is set then, and once `opened` is set, `then` is done."""

    then: Deed = Deed.PASS_ON
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> Deed:
        """Wait until the gate is opened."""
        self.reached.set()
        assert self.opened.wait(PATIENCE)
        return self.then


@dataclass
class Cut:
    """The proxy at `port`: each connection goes to the next of `servers`, and to the last from then on.

    `at` has what to do at a point, once, in the connection's own thread, so that it may wait. `said` counts the bytes
    that have come from clients.
    """

    servers: list[int]
    port: int = 0
    at: dict[str, Callable[[], Deed]] = field(default_factory=dict)
    said: int = 0
    connections: int = 0

    def server(self) -> int:
        """The port of the server for the next connection."""
        self.connections += 1
        return self.servers[min(self.connections, len(self.servers)) - 1]

    def deed(self, moment: str | None) -> Deed:
        """What to do at this point."""
        return self.at.pop(moment)() if moment in self.at else Deed.PASS_ON


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    cut: Cut
    ends: list[socket.socket]


class _Line(socketserver.BaseRequestHandler):
    """One connection, until either end closes it."""

    server: _Proxy
    request: socket.socket

    def handle(self) -> None:
        cut = self.server.cut
        self.server.ends.append(self.request)
        with socket.create_connection(("127.0.0.1", cut.server())) as server, suppress(OSError):
            self.server.ends.append(server)
            is_mute = threading.Event()
            answers = threading.Thread(target=_answer, args=(server, self.request, is_mute), daemon=True)
            answers.start()
            before = b""
            for piece in _pieces(self.request, cut):
                deed = cut.deed(_moment(piece, before))
                before = piece
                if deed is Deed.LOSE:
                    break
                if deed is Deed.KEEP_ANSWER:
                    is_mute.set()
                server.sendall(piece)
            _hang_up(server)
            answers.join()


def _answer(server: socket.socket, client: socket.socket, is_mute: threading.Event) -> None:
    """Forward the server's replies until they are muted."""
    with suppress(OSError):
        while (heard := server.recv(1 << 16)) and not is_mute.is_set():
            client.sendall(heard)
    _hang_up(client)
    _hang_up(server)


def _pieces(client: socket.socket, cut: Cut) -> Iterator[bytes]:
    """What the client sends: lines, and once encrypted, TLS records."""
    held = b""
    while arrived := client.recv(1 << 16):
        cut.said += len(arrived)
        held += arrived
        while length := _length(held):
            yield held[:length]
            held = held[length:]


def _length(held: bytes) -> int:
    """The length of the first whole piece; 0 if it is incomplete."""
    if held[:1] and held[0] in _TLS:
        whole = _HEAD + int.from_bytes(held[3:_HEAD])
        return whole if len(held) >= max(whole, _HEAD) else 0
    return held.find(b"\n") + 1


def _moment(piece: bytes, before: bytes) -> str | None:
    """Which point of a message this is; RSET and QUIT are as long as DATA, but follow something shorter."""
    if piece[0] != _APPLICATION_DATA:
        return None
    length = len(piece) - _AROUND
    if length == len(".\r\n"):
        return DOT
    return DATA if length == len("DATA\r\n") and len(before) > len(piece) else None


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cut_line(*servers: int) -> Iterator[Cut]:
    """A proxy for the servers at these ports, until the block ends."""
    with _Proxy(("127.0.0.1", 0), _Line) as proxy:
        proxy.cut, proxy.ends = Cut(list(servers), proxy.server_address[1]), []
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield proxy.cut
        finally:
            proxy.shutdown()
            thread.join()
            for end in proxy.ends:  # of a test that failed while something was held back
                _hang_up(end)
