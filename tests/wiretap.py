"""A proxy between a client and a server on this machine that records what the client sends, byte for byte."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Wiretap:
    """What one connection sent: `said` is complete once `ended` is set, when the client has closed it."""

    port: int
    said: bytearray = field(default_factory=bytearray)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def wiretap(port: int) -> Iterator[Wiretap]:
    """The proxy for the server at `port`, for one connection, which the client has closed when the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tap = Wiretap(listener.getsockname()[1])
        thread = threading.Thread(target=_relay, args=(listener, port, tap), daemon=True)
        thread.start()
        yield tap
        thread.join()


def _relay(listener: socket.socket, port: int, tap: Wiretap) -> None:
    client, _ = listener.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        answers = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
        answers.start()
        while piece := client.recv(1 << 16):
            tap.said += piece
            server.sendall(piece)
        tap.ended.set()
        server.shutdown(socket.SHUT_WR)
        answers.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    while piece := source.recv(1 << 16):
        target.sendall(piece)
