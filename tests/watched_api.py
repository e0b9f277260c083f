"""The sandbox on a socket with every request recorded, and some answered differently."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from reporter.sandbox.api_app import create_app
from reporter.sandbox.world import World

WORLD = World()
ACME = WORLD.organizations[0]
"""The organization of most tests."""

BEFORE_ANY_ANSWER = b""
"""A body that is never sent: the request stays unanswered until the client hangs up."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the organization (empty for none), the rest of the path below it, and the query."""

    organization: str
    endpoint: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Instead:
    """The answer that replaces the sandbox's own."""

    status: int
    body: bytes = b'{"detail": "told to fail"}'
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass
class WatchedApi:
    """An ASGI application: the sandbox as it is at `now`. `instead` may answer a request itself, with an `Instead`."""

    now: datetime
    instead: Callable[[Request], Instead | None] = lambda _request: None
    asked: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Create the sandbox with this clock."""
        self._sandbox = create_app(WORLD, lambda: self.now)

    def endpoints(self, organization: str = ACME.id) -> set[str]:
        """What was requested about an organization."""
        return {request.endpoint for request in self.asked if request.organization == organization}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Record the request, then send its answer."""
        request = _request(scope)
        self.asked.append(request)
        instead = self.instead(request)
        if instead is None:
            await self._sandbox(scope, receive, send)
            return
        if instead.body == BEFORE_ANY_ANSWER:
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.start", "status": instead.status, "headers": instead.headers})
        await send({"type": "http.response.body", "body": instead.body})


def _request(scope: Any) -> Request:
    steps = scope["raw_path"].decode().removeprefix("/api/v2/organizations").lstrip("/").split("/", 1)
    query = dict(parse_qsl(scope["query_string"].decode()))
    return Request(unquote(steps[0]), steps[1] if len(steps) > 1 else "", query)
