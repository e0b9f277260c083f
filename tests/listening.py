"""A web server that receives alerts and heartbeats over a real socket, and answers as a test scripts it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.servers import served

SECRET = "s3cret-in-the-path"
"""Part of every address of this server, and of nothing else."""


@dataclass
class Listener:
    """An ASGI application that records each call's path and body; `statuses` are the replies by path, 200 otherwise."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def heartbeat(self) -> str:
        """The URL of the heartbeat."""
        return f"{self.url}/{SECRET}"

    @property
    def service(self) -> str:
        """The address of a service, as Apprise writes it."""
        return f"{self.url.replace('http://', 'json://')}/hook-{SECRET}"

    @property
    def beats(self) -> list[tuple[str, str]]:
        """Every call of the heartbeat: the rest of its path, and the body."""
        return [(path.removeprefix(f"/{SECRET}"), body) for path, body in self.calls if path.startswith(f"/{SECRET}")]

    @property
    def notices(self) -> list[Any]:
        """Every alert sent to the service."""
        return [json.loads(body) for path, body in self.calls if path.startswith("/hook-")]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Record the call and answer it; a redirect leads to where nothing may be sent."""
        request = Request(scope, receive)
        self.calls.append((request.url.path, (await request.body()).decode()))
        status = self.statuses.get(request.url.path, 200)
        await Response(status_code=status, headers={"location": "/elsewhere"})(scope, receive, send)


@contextmanager
def listening(statuses: Mapping[str, int] | None = None) -> Iterator[Listener]:
    """The server, until the block ends."""
    listener = Listener(statuses or {})
    with served(listener) as listener.url:
        yield listener
