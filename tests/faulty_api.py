"""APIs that misbehave as a test scripts them: one scripted answer by answer, one byte by byte."""

import asyncio
import json
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. With `silent` nothing is sent until the client hangs up; `delay` is in seconds."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    silent: bool = False
    barrier: asyncio.Barrier | None = None
    """Answer only once as many requests wait here as the barrier requires."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as received; header names are lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


def says(value: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; a header's name is written with underscores: `Retry_After="1"`."""
    return Reply(json.dumps(value).encode(), status, {name.replace("_", "-"): text for name, text in headers.items()})


class ScriptedApi:
    """An ASGI application that gives each path its replies in turn, the last one forever.

    `script` maps the end of a path to its replies; the first match counts, and `""` matches every path.
    """

    def __init__(self, script: Mapping[str, Sequence[Reply]]) -> None:
        self._script = {end: list(replies) for end, replies in script.items()}
        self.asked: list[Asked] = []
        self.abandoned = threading.Event()
        self.in_flight = 0
        self.most_in_flight = 0

    @property
    def paths(self) -> list[str]:
        """The last two segments of each path requested, in order."""
        return ["/".join(asked.path.rsplit("/", 2)[-2:]) for asked in self.asked]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Record the request and give the next reply of its path."""
        self.asked.append(_asked(scope))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self._give(self._next(scope["path"]), receive, send)
        finally:
            self.in_flight -= 1

    def _next(self, path: str) -> Reply:
        replies = next(replies for end, replies in self._script.items() if path.endswith(end))
        return replies.pop(0) if len(replies) > 1 else replies[0]

    async def _give(self, reply: Reply, receive: Any, send: Any) -> None:
        while reply.silent:
            if (await receive())["type"] == "http.disconnect":
                self.abandoned.set()
                return
        if reply.barrier:
            await reply.barrier.wait()
        await asyncio.sleep(reply.delay)
        headers = [(name.lower().encode(), text.encode("latin-1")) for name, text in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})


def _asked(scope: Any) -> Asked:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["raw_path"].decode(), dict(parse_qsl(scope["query_string"].decode())), headers)


RESET = None
"""In place of a raw answer: the connection is reset as soon as the request has arrived."""


@contextmanager
def raw_api(*answers: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """A URL that gives each connection its raw answer in turn (the last forever), and the heads of the requests."""
    script = list(answers)
    heads: list[bytes] = []

    class Connection(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            heads.append(b"".join(iter(self.rfile.readline, b"\r\n")))
            answer = script.pop(0) if len(script) > 1 else script[0]
            if answer is None:  # closing with a linger of zero seconds sends a reset
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.request.close()
            else:
                self.wfile.write(answer)

    with socketserver.TCPServer(("127.0.0.1", 0), Connection) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", heads
        finally:
            server.shutdown()
            thread.join()
