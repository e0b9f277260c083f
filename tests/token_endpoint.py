"""A token endpoint for tests, over a real socket: it keeps what it was asked and answers by script."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import anyio.lowlevel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.servers import served

TOKEN = "ya29.the-f1rst_token"
SECOND_TOKEN = "ya29.the-sec0nd_token"


def good(token: str = TOKEN, seconds: object = 3599) -> Response:
    """The answer that brings a token."""
    return JSONResponse({"token_type": "Bearer", "access_token": token, "expires_in": seconds})


def bad(status: int, error: str, description: str) -> Response:
    """The answer that says why there is none (RFC 6749, 5.2)."""
    return JSONResponse({"error": error, "error_description": description}, status)


def endless() -> Response:
    """An answer that goes on for ever, as fast as it is read."""

    async def blanks() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65536
            await anyio.lowlevel.checkpoint()  # lets the server see that nobody reads any more

    return StreamingResponse(blanks())


def dripping() -> Response:
    """An answer of which one byte comes now and then."""

    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await anyio.sleep(0.05)

    return StreamingResponse(drops())


@dataclass
class TokenServer:
    """What the endpoint is to answer, one by one and the last for ever, and what it was asked."""

    answers: Sequence[Response] = field(default_factory=lambda: [good()])
    bodies: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def forms(self) -> list[dict[str, str]]:
        """What was asked, field by field."""
        return [{name: value for name, (value,) in parse_qs(body).items()} for body in self.bodies]

    async def answer(self, request: Request) -> Response:
        """Keep the question and give the answer that is due."""
        self.bodies.append((await request.body()).decode())
        self.types.append(request.headers["content-type"])
        answer, *rest = self.answers
        self.answers = rest or self.answers
        return answer


@contextmanager
def token_server(*answers: Response, certificate: Path | None = None) -> Iterator[TokenServer]:
    """The endpoint, answering until the block ends."""
    server = TokenServer(answers or [good()])
    with served(Starlette(routes=[Route("/token", server.answer, methods=["POST", "GET"])]), certificate) as url:
        server.url = f"{url}/token"
        yield server
