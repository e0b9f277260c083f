"""A token endpoint for tests, over a real socket: it records its requests and answers by script."""

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
    """The answer that has a token."""
    return JSONResponse({"token_type": "Bearer", "access_token": token, "expires_in": seconds})


def bad(status: int, error: str, description: str) -> Response:
    """The error answer that says why there is no token (RFC 6749, 5.2)."""
    return JSONResponse({"error": error, "error_description": description}, status)


def endless() -> Response:
    """An endless answer, as fast as it is read."""

    async def blanks() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65536
            await anyio.lowlevel.checkpoint()  # lets the server notice that nothing reads any more

    return StreamingResponse(blanks())


def dripping() -> Response:
    """An answer sent one byte at a time."""

    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await anyio.sleep(0.05)

    return StreamingResponse(drops())


@dataclass
class TokenServer:
    """The endpoint's answers, one by one and the last forever, and the requests it received."""

    answers: Sequence[Response] = field(default_factory=lambda: [good()])
    bodies: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def forms(self) -> list[dict[str, str]]:
        """The fields of each request's form."""
        return [{name: value for name, (value,) in parse_qs(body).items()} for body in self.bodies]

    async def answer(self, request: Request) -> Response:
        """Record the request and give the next answer."""
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
