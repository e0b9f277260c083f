"""The API client: query organizations, snapshots, sales, and agents; get values or one clear error.

Every request goes through `_answer`: acquire a slot, try, retry if that may help, and return the response body.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from reporter.domain.blocks import Block, endpoints
from reporter.domain.errors import ApiAnswerInvalid, ApiUnreachable
from reporter.domain.snapshot import Organization, Snapshot
from reporter.domain.window import Window
from reporter.hyperrep.access import checked_address, checked_key, is_loopback
from reporter.hyperrep.api_settings import ApiSettings
from reporter.hyperrep.body import PACKING, read_body
from reporter.hyperrep.connection_errors import connection_error
from reporter.hyperrep.http_errors import ErrorResponse, detail
from reporter.hyperrep.listed_records import Agent, SaleRecord
from reporter.hyperrep.responses import (
    parse_agents,
    parse_organizations,
    parse_page,
    parse_sales,
    parse_snapshot,
    read_json,
)
from reporter.hyperrep.retry import RETRIED, TimeBudget, TransientError, http_date, retry_after

MOST_PAGES = 1_000
"""Maximum pages of one list: half a million sales at the API's largest page size."""

LARGEST_LIST = 200_000_000
"""Maximum bytes of all pages of one list, which are in memory together."""

LARGEST_PAGE = 500
"""The API's maximum page size for sales records."""


class HyperRepApi:
    """A client for the HyperRep API with one key and one connection pool: `async with HyperRepApi(…) as api`.

    `clock` gives this machine's time, to compare it with the API's. The constructor raises UsageError, before any
    request, if the key or the URL is invalid. Every method raises ApiKeyRefused, ApiUnreachable, ApiRefused, or
    ApiAnswerInvalid.
    """

    def __init__(
        self,
        key: str,
        settings: ApiSettings = ApiSettings(),  # noqa: B008 - frozen
        *,
        clock: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._key = SecretStr(checked_key(key))
        self._address = checked_address(settings.url)
        self._settings = settings
        self._clock = clock
        self._ahead: timedelta | None = None
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._http = httpx.AsyncClient(
            headers={
                "X-API-KEY": key,
                "Accept": "application/json",
                "Accept-Encoding": PACKING,
                "User-Agent": "hyperrep-report",
            },
            timeout=settings.timeout,
            limits=httpx.Limits(max_connections=None),  # the slots limit them, and waiting for one is no timeout
            follow_redirects=False,
            # Loopback bypasses proxies: one from the environment would carry the key away unencrypted.
            mounts={f"all://{self._address.netloc.decode()}": None} if is_loopback(self._address.host) else None,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def __repr__(self) -> str:
        return f"HyperRepApi({self._address.host})"

    @property
    def ahead(self) -> timedelta | None:
        """How far this machine's clock was ahead of the API's at the last response; None if that had no date."""
        return self._ahead

    async def organizations(self) -> tuple[Organization, ...]:
        """The organizations of the key, in the API's order."""
        return parse_organizations(await self._entries("organizations", "organizations"))

    async def snapshot(self, organization: Organization, window: Window, blocks: frozenset[Block]) -> Snapshot:
        """The API's data for these blocks in the window; the endpoints are queried concurrently."""
        asked = endpoints(blocks)
        answers = await _together(self._analytics(organization, window, endpoint) for endpoint in asked)
        return parse_snapshot(window, dict(zip(asked, answers, strict=True)))

    async def sales(
        self, organization: Organization, start: datetime | None = None, end: datetime | None = None
    ) -> tuple[SaleRecord, ...]:
        """Every sales record from `start` (inclusive) to `end` (exclusive); every record if they are None."""
        return await self._sales(_path(organization.id, "sales"), start, end)

    async def agent_sales(
        self, organization: Organization, agent: Agent, start: datetime | None = None, end: datetime | None = None
    ) -> tuple[SaleRecord, ...]:
        """Every sales record of one agent from `start` (inclusive) to `end` (exclusive)."""
        return await self._sales(_path(organization.id, "agents", agent.id, "sales"), start, end)

    async def agents(self, organization: Organization) -> tuple[Agent, ...]:
        """Every agent of the organization."""
        return parse_agents(await self._entries("agents", _path(organization.id, "agents")))

    async def currencies(
        self, organization: Organization, start: datetime | None = None, end: datetime | None = None
    ) -> frozenset[str]:
        """The currencies (ISO 4217) of the sales records from `start` to `end`; empty if none has one."""
        return frozenset(sale.currency for sale in await self.sales(organization, start, end) if sale.currency)

    async def _analytics(self, organization: Organization, window: Window, endpoint: str) -> Any:
        span = {"start_date": timestamp(window.start), "end_date": timestamp(window.end)}
        place, path = f"analytics/{endpoint}", f"{_path(organization.id, 'analytics')}/{endpoint}"
        return read_json(place, await self._answer(place, path, span))

    async def _sales(self, path: str, start: datetime | None, end: datetime | None) -> tuple[SaleRecord, ...]:
        ends = {"start_date": start, "end_date": end}
        span = {name: timestamp(moment) for name, moment in ends.items() if moment}
        return parse_sales(await self._entries("sales", path, {"limit": str(LARGEST_PAGE)} | span))

    async def _entries(self, endpoint: str, path: str, parameters: Mapping[str, str] | None = None) -> list[Any]:
        """The entries of every page, in order; a list that is circular, endless, or too large is rejected."""
        entries: list[Any] = []
        size = 0
        parameters, seen = dict(parameters or {}), set[str]()
        for _ in range(MOST_PAGES):
            answer = await self._answer(endpoint, path, parameters)
            size += len(answer)
            if size > LARGEST_LIST:
                raise ApiAnswerInvalid(f"{endpoint}: the API's list is larger than {LARGEST_LIST // 1_000_000} MB.")
            page, cursor = parse_page(endpoint, read_json(endpoint, answer))
            entries += page
            if cursor is None:
                return entries
            if cursor in seen:
                raise ApiAnswerInvalid(f"{endpoint}: the API's pages lead in a circle (next_cursor came again).")
            seen.add(cursor)
            parameters["cursor"] = cursor
        raise ApiAnswerInvalid(f"{endpoint}: the API's list did not end after {MOST_PAGES} pages.")

    async def _answer(self, endpoint: str, path: str, parameters: Mapping[str, str]) -> bytes:
        """The response body of one request, with as many attempts as the budget allows."""
        patience = TimeBudget(endpoint, self._settings.timeout, self._settings.budget)
        try:
            return await patience.ask(lambda: self._attempt(endpoint, path, parameters), self._slots)
        except TransientError as fault:
            raise ApiUnreachable(
                f"The API at {self._address.host} did not answer {endpoint} (attempts: {patience.attempts}): "
                f"{fault.reason}. Try again later, or check HYPERREP_API_URL and this machine's network."
            ) from fault

    async def _attempt(self, endpoint: str, path: str, parameters: Mapping[str, str]) -> bytes:
        url = f"{self._address}/api/v2/{path}"
        try:
            async with self._http.stream("GET", url, params=parameters) as response:
                self._compare_clocks(response)
                body = await read_body(endpoint, response)
        except httpx.RequestError as error:
            raise connection_error(error, endpoint, self._address.host) from error
        if response.is_success:
            return body
        raise self._failure(endpoint, response, body)

    def _compare_clocks(self, response: httpx.Response) -> None:
        moment = http_date(response.headers.get("Date"))
        self._ahead = self._clock() - moment if moment else None

    def _failure(self, endpoint: str, response: httpx.Response, body: bytes) -> Exception:
        """The error for a status other than 2xx; its message never shows the key, even if the API repeats it."""
        said = detail(body).replace(self._key.get_secret_value(), "…")
        refusal = ErrorResponse(endpoint, self._address.host, response.status_code, said, response.headers)
        if response.status_code not in RETRIED:
            return refusal.error(self._clock())
        pause = retry_after(response.headers.get("Retry-After"), self._clock())
        wish = f" and asks to be left alone for {pause:.0f} seconds" if pause else ""
        return TransientError(f"it answered {refusal.reason}{wish}", pause)


def timestamp(moment: datetime) -> str:
    """An aware instant in the API's format, e.g. `2026-04-01T04:00:00Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _path(organization_id: str, *steps: str) -> str:
    """The path below an organization; ids are opaque, so `/`, `%`, and `..` in one are escaped."""
    return "/".join(
        ("organizations", *(quote(step, safe="").replace(".", "%2E") for step in (organization_id, *steps)))
    )


async def _together(questions: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Await all concurrently; the first failure cancels the others and is raised alone."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in questions]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures.exceptions[0].__cause__
    return [task.result() for task in tasks]
