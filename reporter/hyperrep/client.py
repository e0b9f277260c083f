"""The API client: query organizations, snapshots, and currencies; get values or one clear error.

Every request goes through `_answer`: acquire a slot, try, retry if that may help, and return the response body.
Bodies are read and decompressed in pieces, never beyond the size limit: a few kilobytes can expand to gigabytes, and
two layers of compression to anything. So only one encoding is requested, and no other is accepted.
"""

import asyncio
import zlib
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from reporter.domain.errors import ApiAnswerInvalid, ApiUnreachable
from reporter.domain.snapshot import Block, Organization, Snapshot, endpoints
from reporter.domain.window import Window
from reporter.hyperrep.access import ApiSettings, checked_address, checked_key, is_loopback
from reporter.hyperrep.http_errors import connection_error, detail, http_date, response_error
from reporter.hyperrep.responses import OrganizationsPage, Page, SalesPage, parse_snapshot, read_json, validated
from reporter.hyperrep.retry import TimeBudget, TransientError

AnyPage = TypeVar("AnyPage", bound=Page)

LARGEST_ANSWER = 20_000_000
"""Maximum bytes of one response, compressed and decompressed; a report's responses have a few thousand."""

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
    ) -> None:
        self._key = SecretStr(checked_key(key))
        self._address = checked_address(settings.url)
        self._settings = settings
        self._clock = clock
        self.ahead: timedelta | None = None
        """How far this machine's clock was ahead of the API's at the last response; None if that had no date."""
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._http = httpx.AsyncClient(
            headers={
                "X-API-KEY": key,
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": "hyperrep-report",
            },
            timeout=settings.timeout,
            limits=httpx.Limits(max_connections=None),  # the slots limit them, and waiting for one is no timeout
            follow_redirects=False,
            # Loopback bypasses proxies: one from the environment would carry the key away unencrypted.
            mounts={f"all://{self._address.netloc.decode()}": None} if is_loopback(self._address.host) else None,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def __repr__(self) -> str:
        return f"HyperRepApi({self._address.host})"

    async def organizations(self) -> tuple[Organization, ...]:
        """The organizations of the key, in the API's order."""
        pages = await self._pages(OrganizationsPage, "organizations", "organizations", {})
        return tuple(Organization(entry.organization_id, entry.name) for page in pages for entry in page.data)

    async def snapshot(self, organization: Organization, window: Window, blocks: frozenset[Block]) -> Snapshot:
        """The API's data for these blocks in the window; the endpoints are queried concurrently."""
        asked = endpoints(blocks)
        answers = await _together(self._analytics(organization, window, endpoint) for endpoint in asked)
        return parse_snapshot(window, dict(zip(asked, answers, strict=True)))

    async def currencies(self, organization: Organization, start: datetime, end: datetime) -> frozenset[str]:
        """The currencies (ISO 4217) of the sales records from `start` to `end`; empty if none has one."""
        parameters = {"limit": str(LARGEST_PAGE), **_span(start, end)}
        pages = await self._pages(SalesPage, "sales", f"{_path(organization)}/sales", parameters)
        return frozenset(sale.currency for page in pages for sale in page.data if sale.currency)

    async def _analytics(self, organization: Organization, window: Window, endpoint: str) -> Any:
        place, path = f"analytics/{endpoint}", f"{_path(organization)}/analytics/{endpoint}"
        return read_json(place, await self._answer(place, path, _span(window.start, window.end)))

    async def _pages(
        self, model: type[AnyPage], endpoint: str, path: str, parameters: Mapping[str, str]
    ) -> list[AnyPage]:
        """Every page of a list, in order; a list that is circular, endless, or too large is rejected."""
        pages: list[AnyPage] = []
        size = 0
        query, cursors = dict(parameters), set[str]()
        while len(pages) < MOST_PAGES:
            body = await self._answer(endpoint, path, query)
            size += len(body)
            if size > LARGEST_LIST:
                raise ApiAnswerInvalid(f"{endpoint}: the API's list is larger than {LARGEST_LIST // 1_000_000} MB.")
            pages.append(validated(model, endpoint, read_json(endpoint, body)))
            cursor = pages[-1].next_cursor
            if cursor is None:
                return pages
            if cursor in cursors:
                raise ApiAnswerInvalid(f"{endpoint}: the API's list is circular (it repeated a next_cursor).")
            cursors.add(cursor)
            query["cursor"] = cursor
        raise ApiAnswerInvalid(f"{endpoint}: the API's list does not end after {MOST_PAGES} pages.")

    async def _answer(self, endpoint: str, path: str, parameters: Mapping[str, str]) -> bytes:
        """The response body of one request, with as many attempts as the budget allows."""
        budget = TimeBudget(endpoint, self._settings.timeout, self._settings.budget)
        try:
            return await budget.ask(lambda: self._attempt(endpoint, path, parameters), self._slots)
        except TransientError as error:
            raise ApiUnreachable(
                f"The API at {self._address.host} did not answer {endpoint} (attempts: {budget.attempts}): "
                f"{error.reason}. Try again later, or check HYPERREP_API_URL and this machine's network."
            ) from error

    async def _attempt(self, endpoint: str, path: str, parameters: Mapping[str, str]) -> bytes:
        host = self._address.host
        try:
            async with self._http.stream("GET", f"{self._address}/api/v2/{path}", params=parameters) as response:
                moment = http_date(response.headers.get("Date"))
                self.ahead = self._clock() - moment if moment else None
                body = await _read_body(endpoint, response)
        except httpx.RequestError as error:
            raise connection_error(error, endpoint, host) from error
        if response.is_success:
            return body
        said = detail(body).replace(self._key.get_secret_value(), "…")  # the API may repeat the key
        raise response_error(response, said, endpoint, host, self._clock())


def _span(start: datetime, end: datetime) -> dict[str, str]:
    """The query of a span in the API's format, e.g. `2026-04-01T04:00:00Z`; the start is inclusive, the end is not."""
    ends = {"start_date": start, "end_date": end}
    return {name: f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for name, moment in ends.items()}


def _path(organization: Organization) -> str:
    """The path of an organization; ids are opaque, so `/`, `%`, and `..` in one are escaped."""
    return f"organizations/{quote(organization.id, safe='').replace('.', '%2E')}"


async def _read_body(endpoint: str, response: httpx.Response) -> bytes:
    """The decompressed body. Raises ApiAnswerInvalid if it is too large or cannot be decompressed."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        raise ApiAnswerInvalid(f"{endpoint}: the API's answer has an encoding that was not requested.")
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None  # 16: gzip's header
    received, body = 0, bytearray()
    async for piece in response.aiter_raw():
        received += len(piece)
        try:
            body += unpacker.decompress(piece, LARGEST_ANSWER + 1 - len(body)) if unpacker else piece
        except zlib.error as error:
            raise ApiAnswerInvalid(f"{endpoint}: the API's answer could not be decompressed ({error}).") from error
        if max(received, len(body)) > LARGEST_ANSWER:
            raise ApiAnswerInvalid(f"{endpoint}: the API's answer is larger than {LARGEST_ANSWER // 1_000_000} MB.")
    return bytes(body)


async def _together(questions: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Await all concurrently; the first failure cancels the others and is raised alone."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in questions]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures.exceptions[0].__cause__
    return [task.result() for task in tasks]
