"""The HyperRep API as an ASGI application, with keys, validation, errors, and paths as documented.

Requests are checked in the API's order: the path (404), the key (403), the query's form (422), its meaning (400).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reporter.sandbox import analytics, records
from reporter.sandbox.queries import PageQuery, SalesQuery, WindowQuery
from reporter.sandbox.timeline import TimeSpan, instant
from reporter.sandbox.world import REFUSED_KEYS, History, World

Clock = Callable[[], datetime]


Query = TypeVar("Query", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """One request with a valid key, the world it queries, and its time."""

    request: Request
    world: World
    key: str
    now: int

    def query(self, model: type[Query]) -> Query:
        """The validated query. Raises ValidationError, which becomes the 422."""
        return model.model_validate(dict(self.request.query_params))

    def history(self) -> History:
        """The history of the organization in the path, if the key has access to it."""
        organization_id = unquote(self.request.path_params["organization_id"])
        if organization_id not in {organization.id for organization in self.world.organizations_of(self.key)}:
            raise HTTPException(400, "Invalid organization_id")
        return self.world.history(organization_id)


def create_app(world: World, clock: Clock) -> Starlette:
    """Create the API over `world`; its time, also in `Date` headers, is that of `clock` (aware datetimes)."""

    def endpoint(answer: Callable[[Call], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def respond(request: Request) -> Response:
            key = _good_key(world, request)
            return JSONResponse(answer(Call(request, world, key, instant(clock()))))

        return respond

    organization = "/api/v2/organizations/{organization_id}"
    routes = [
        Route("/api/v2/organizations", endpoint(_organizations)),
        Route(f"{organization}/sales", endpoint(_sales)),
        Route(f"{organization}/agents", endpoint(_agents)),
        Route(f"{organization}/agents/{{agent_id}}/sales", endpoint(_agent_sales)),
        *(
            Route(f"{organization}/analytics/{path}", endpoint(partial(_analytics, compute)))
            for path, compute in analytics.ANALYTICS.items()
        ),
    ]
    handlers = {HTTPException: _refused, ValidationError: _invalid, records.InvalidCursor: _invalid_cursor}
    middleware = [Middleware(_dated, clock=clock), Middleware(_routed_as_sent)]
    app = Starlette(routes=routes, exception_handlers=handlers, middleware=middleware)
    app.router.redirect_slashes = False
    return app


def _routed_as_sent(app: ASGIApp) -> ASGIApp:
    """Route by the raw path, so that an escaped slash in an identifier does not split it."""

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "path": scope["raw_path"].decode("ascii", "replace")}, receive, send)

    return routed


def _dated(app: ASGIApp, clock: Clock) -> ASGIApp:
    """Set the `Date` of every response from the sandbox's clock."""

    async def dated(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(clock().astimezone(UTC), usegmt=True).encode()
                message = {**message, "headers": [*message["headers"], (b"date", date)]}
            await send(message)

        await app(scope, receive, send_dated)

    return dated


def _good_key(world: World, request: Request) -> str:
    key = request.headers.get("X-API-KEY", "")
    if not key:
        raise HTTPException(403, "Missing API Key")
    if not world.organizations_of(key):
        raise HTTPException(403, REFUSED_KEYS.get(key, "Invalid API Key"))
    return key


def _organizations(call: Call) -> Any:
    opened = call.world.organizations_of(call.key)
    return {"data": [{"organization_id": each.id, "name": each.name} for each in opened]}


def _analytics(compute: Callable[[History, TimeSpan, int], Any], call: Call) -> Any:
    query = call.query(WindowQuery)
    history = call.history()
    span = _span(query.start_date, query.end_date)
    if span.end > call.now:
        raise HTTPException(400, "start_date and end_date cannot be in the future")
    return compute(history, span, call.now)


def _agents(call: Call) -> Any:
    query = call.query(PageQuery)
    return records.agents(call.history().organization, query)


def _sales(call: Call, owner: int | None = None) -> Any:
    query = call.query(SalesQuery)
    history = call.history()
    span = _span(query.start_date, query.end_date)
    return records.sales(history, span, call.now, query, owner)


def _agent_sales(call: Call) -> Any:
    owner = records.agent_number(call.history().organization, unquote(call.request.path_params["agent_id"]))
    if owner is None:
        raise HTTPException(404, "Agent not found")
    return _sales(call, owner)


def _span(start: datetime, end: datetime) -> TimeSpan:
    if start > end:
        raise HTTPException(400, "start_date must be less than or equal to end_date")
    return TimeSpan(instant(start), instant(end))


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return JSONResponse({"detail": [{**fault, "loc": ["query", *fault["loc"]]} for fault in faults]}, 422)


async def _invalid_cursor(_: Request, __: Exception) -> Response:
    return JSONResponse({"detail": "Invalid cursor"}, 400)
