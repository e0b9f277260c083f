"""The HyperRep API as an ASGI application, with keys, validation, errors, and paths as documented.

It has the endpoints that reports use: organizations, analytics, and sales. Requests are checked in the API's order: the
path (404), the key (403), the query's form (422), its meaning (400).
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from itertools import islice
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote

from pydantic import AfterValidator, BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reporter.sandbox import analytics
from reporter.sandbox.events import Sale, StageChange, TimeSpan, instant, moment
from reporter.sandbox.organizations import SandboxOrganization, opaque
from reporter.sandbox.world import REFUSED_KEYS, History, World

Query = TypeVar("Query", bound=BaseModel)


def _in_utc(time: datetime) -> datetime:
    """Interpret a timestamp without a zone as UTC, like all timestamps of the API."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)


Timestamp = Annotated[datetime, AfterValidator(_in_utc)]


class WindowQuery(BaseModel):
    """The query of every analytics request."""

    start_date: Timestamp
    end_date: Timestamp


class SalesQuery(BaseModel):
    """The query of the list of sales: a page, and the span in which the sales were created."""

    start_date: Timestamp = datetime.min.replace(tzinfo=UTC)
    end_date: Timestamp = datetime.max.replace(tzinfo=UTC)
    limit: Annotated[int, Field(ge=1, le=500)] = 25
    cursor: str | None = None


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


def create_app(world: World, clock: Callable[[], datetime]) -> Starlette:
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
        *(
            Route(f"{organization}/analytics/{path}", endpoint(partial(_analytics, compute)))
            for path, compute in analytics.ANALYTICS.items()
        ),
    ]
    handlers = {HTTPException: _refused, ValidationError: _invalid}
    middleware = [Middleware(_as_sent_and_dated, clock=clock)]
    app = Starlette(routes=routes, exception_handlers=handlers, middleware=middleware)
    app.router.redirect_slashes = False
    return app


def _as_sent_and_dated(app: ASGIApp, clock: Callable[[], datetime]) -> ASGIApp:
    """Route by the raw path, so that an escaped slash does not split an identifier, and set each response's `Date`."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(clock().astimezone(UTC), usegmt=True).encode()
                message = {**message, "headers": [*message["headers"], (b"date", date)]}
            await send(message)

        await app({**scope, "path": scope["raw_path"].decode("ascii", "replace")}, receive, send_dated)

    return respond


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


def _sales(call: Call) -> Any:
    """A page of the sales, newest first.

    A cursor refers to an instant, so sales created while the pages are read neither hide nor duplicate others.
    """
    query = call.query(SalesQuery)
    history = call.history()
    span = _span(query.start_date, query.end_date)
    if query.cursor is not None:
        span = TimeSpan(span.start, min(span.end, _position(query.cursor)))
    ahead = list(islice(history.listed_sales(span, call.now), query.limit + 1))
    page, has_more = ahead[: query.limit], len(ahead) > query.limit
    next_cursor = _cursor(page[-1].at) if has_more else None
    return {
        "data": [_sale(history.organization, sale, call.now) for sale in page],
        "pagination": {
            "limit": query.limit,
            "cursor": query.cursor,
            "next_cursor": next_cursor,
            "has_more": has_more,
        },
    }


def _cursor(position: int) -> str:
    return urlsafe_b64encode(f"sales:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        known = re.fullmatch(r"sales:(\d{1,18})", urlsafe_b64decode(cursor).decode())
    except ValueError:  # not ASCII, not base64, or not text
        known = None
    if known is None or _cursor(int(known[1])) != cursor:
        raise HTTPException(400, "Invalid cursor")
    return int(known[1])


def _span(start: datetime, end: datetime) -> TimeSpan:
    if start > end:
        raise HTTPException(400, "start_date must be less than or equal to end_date")
    return TimeSpan(instant(start), instant(end))


def _sale(organization: SandboxOrganization, sale: Sale, now: int) -> dict[str, Any]:
    key = f"{organization.id}/{sale.at}"
    changes = [_change(change) for change in sale.reached(now)]
    product = {"quantity": sale.quantity, "unit_price": str(sale.unit_price), "product_name": "Service"}
    return {
        "sale_id": opaque("sale", key),
        "associated_conversation_ids": [opaque("conversation", key)],
        "company_id": opaque("company", key),
        "owner_id": opaque("agent", f"{organization.id}/{sale.owner}"),
        "quote_details": {
            "output": {"currency": sale.currency, "total_price": str(sale.total)},
            "arguments": {"products": [product]},
        },
        "current_status": changes[-1],
        "status_history": changes,
        "created_at": _timestamp(sale.at),
        "last_activity_at": changes[-1]["changed_at"],
    }


def _change(change: StageChange) -> dict[str, Any]:
    return {"label": change.stage.name, "status": change.stage.status, "changed_at": _timestamp(change.at)}


def _timestamp(at: int) -> str:
    return moment(at).isoformat(timespec="microseconds").replace("+00:00", "Z")


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return JSONResponse({"detail": [{**fault, "loc": ["query", *fault["loc"]]} for fault in faults]}, 422)
