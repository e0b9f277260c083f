"""The client against APIs on real sockets: what it requests, and how it copes with a busy or broken API."""

import asyncio
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from reporter.domain.errors import ApiAnswerInvalid, ApiRefused, ApiUnreachable
from reporter.domain.snapshot import Block, Organization
from reporter.domain.window import Period, Window
from reporter.hyperrep.access import ApiSettings
from reporter.hyperrep.client import MOST_PAGES, HyperRepApi
from tests.asking import KEY, ask, organizations
from tests.faulty_api import RESET, Reply, ScriptedApi, raw_api, says
from tests.servers import served

ACME = Organization("acme", "Acme Roofing")
APRIL = Window(Period.MONTH, date(2026, 4, 1), date(2026, 5, 1), "America/New_York")
ORGANIZATIONS = says({"data": [{"organization_id": "acme", "name": "Acme Roofing"}]})
RESPONSE_TIME = says({"responseTime": 3600})
SALES = says({"pipeline": [], "salesRate": None})
BUSY = says({"detail": "busy"}, 503)


def test_a_request_carries_the_key_and_local_midnights_in_utc() -> None:
    """The window is sent as its local midnights in UTC, and the key in its header alone."""
    api = ScriptedApi({"/response-time": [RESPONSE_TIME]})
    with served(api) as url:
        snapshot = ask(url, lambda api: api.snapshot(ACME, APRIL, frozenset({Block.RESPONSE_TIME})))

    assert snapshot.response_time == Decimal(3600)
    (asked,) = api.asked
    assert asked.path == "/api/v2/organizations/acme/analytics/conversations/response-time"
    assert asked.query == {"start_date": "2026-04-01T04:00:00Z", "end_date": "2026-05-01T04:00:00Z"}
    assert [name for name, value in asked.headers.items() if KEY in value] == ["x-api-key"]


@pytest.mark.parametrize("identifier", ["a/b", "..", ".", "100%", "%2F", "a?b#c", "é ü", "gAAAA_b-c=="])
def test_an_identifier_stays_one_step_of_the_path(identifier: str) -> None:
    """An opaque identifier is escaped, whatever it holds, so that it stays one segment of the path."""
    with raw_api(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"responseTime": null}') as (url, heads):
        ask(url, lambda api: api.snapshot(Organization(identifier, "Odd"), APRIL, frozenset({Block.RESPONSE_TIME})))

    step = quote(identifier, safe="").replace(".", "%2E")
    assert heads[0].startswith(f"GET /api/v2/organizations/{step}/analytics/conversations/response-time?".encode())


def test_the_requests_of_a_snapshot_go_out_together() -> None:
    """The requests of a snapshot are sent concurrently: an API that waits for both before it answers gets both."""
    barrier = asyncio.Barrier(2)
    both = [Reply(reply.body, barrier=barrier) for reply in (RESPONSE_TIME, SALES)]
    with served(ScriptedApi({"/response-time": both[:1], "/sales": both[1:]})) as url:
        snapshot = ask(url, lambda api: api.snapshot(ACME, APRIL, frozenset({Block.RESPONSE_TIME, Block.SALES})))
    assert snapshot.sales
    assert list(snapshot.answers) == ["conversations/response-time", "sales"]


def test_no_more_requests_are_in_flight_than_allowed() -> None:
    """Of ten concurrent requests, at most two are in flight."""
    api = ScriptedApi({"": [Reply(ORGANIZATIONS.body, delay=0.01)]})

    async def ten(client: HyperRepApi) -> None:
        await asyncio.gather(*(client.organizations() for _ in range(10)))

    with served(api) as url:
        ask(url, ten, ApiSettings(concurrency=2))
    assert (len(api.asked), api.most_in_flight) == (10, 2)


def test_a_pause_holds_no_slot() -> None:
    """While one request waits for its retry, the only slot serves another."""
    api = ScriptedApi({"/response-time": [BUSY, RESPONSE_TIME], "/sales": [SALES]})
    with served(api) as url:
        both = frozenset({Block.RESPONSE_TIME, Block.SALES})
        ask(url, lambda api: api.snapshot(ACME, APRIL, both), ApiSettings(concurrency=1))
    assert api.paths == ["conversations/response-time", "analytics/sales", "conversations/response-time"]


def test_the_first_failure_cancels_the_others_and_surfaces_plainly() -> None:
    """A refused request raises one plain error, and the concurrent request is canceled."""
    api = ScriptedApi({"/response-time": [Reply(silent=True)], "/sales": [says({"detail": "Not yours"}, 404)]})
    with served(api) as url:
        with pytest.raises(ApiRefused, match=r"analytics/sales \(404: Not yours\)"):
            ask(url, lambda api: api.snapshot(ACME, APRIL, frozenset({Block.RESPONSE_TIME, Block.SALES})))
        assert api.abandoned.wait(10)


@pytest.mark.parametrize("status", [429, 500, 501, 502, 503, 504])
def test_a_busy_api_is_asked_again(status: int) -> None:
    """A transient status is retried, even with a body that is not JSON, and the retry is logged."""
    api = ScriptedApi({"": [Reply(b"<html>Busy</html>", status), ORGANIZATIONS]})
    with served(api) as url, capture_logs() as logs:
        assert organizations(url) == (ACME,)
    assert [(log["event"], log["endpoint"], log["reason"]) for log in logs] == [
        ("api.retry", "organizations", f"it answered {status}"),
    ]
    assert KEY not in str(logs)


@pytest.mark.parametrize("retry_after", ["1", "Sat, 02 May 2026 12:00:01 GMT"])
def test_retry_after_is_honoured(retry_after: str) -> None:
    """Retry-After, in seconds or as a date, makes the pause at least that long."""
    api = ScriptedApi({"": [says({"detail": "slow down"}, 429, Retry_After=retry_after), ORGANIZATIONS]})
    with served(api) as url, capture_logs() as logs:
        assert organizations(url) == (ACME,)
    assert logs[0]["reason"] == "it answered 429: slow down (retry after 1 s)"
    assert logs[0]["pause"] >= 1


def test_a_wish_beyond_the_budget_is_an_error_at_once() -> None:
    """If Retry-After asks for an hour, the API counts as unreachable at once, without a pause."""
    api = ScriptedApi({"": [says({"detail": "down"}, 503, Retry_After="3600")]})
    with served(api) as url, pytest.raises(ApiUnreachable, match=r"\(attempts: 1\): .* 503: down .* 3600 s"):
        organizations(url)
    assert len(api.asked) == 1


def test_an_api_that_stays_busy_is_unreachable() -> None:
    """When the next pause would exceed the budget, the error has the last reason and the number of attempts."""
    api = ScriptedApi({"": [BUSY, BUSY, says({"detail": "gone"}, 503, Retry_After="3600")]})
    with served(api) as url, pytest.raises(ApiUnreachable, match=r"\(attempts: 3\): it answered 503: gone"):
        organizations(url)


@pytest.mark.parametrize("status", [400, 402, 404, 405, 408, 409, 410, 418, 422, 425, 451])
def test_a_refusal_is_not_tried_again(status: int) -> None:
    """A request that the API refuses is sent once, and the reason is shown."""
    api = ScriptedApi({"": [says({"detail": [{"loc": ["query", "limit"], "msg": "Too large"}]}, status)]})
    with served(api) as url, pytest.raises(ApiRefused, match=rf"organizations \({status}: query\.limit: Too large\)"):
        organizations(url)
    assert len(api.asked) == 1


def test_a_broken_connection_is_tried_again() -> None:
    """A connection that is reset or closed in the middle of an answer costs another attempt, not the report."""
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"
    whole = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + ORGANIZATIONS.body
    with raw_api(RESET, cut, whole) as (url, heads):
        assert organizations(url) == (ACME,)
    assert len(heads) == 3


def test_nobody_at_the_address_is_unreachable() -> None:
    """If nothing listens at the port, the error names the host and what to check."""
    with raw_api(b"") as (url, _):
        pass
    with pytest.raises(ApiUnreachable, match=r"127\.0\.0\.1 did not answer organizations .* check HYPERREP_API_URL"):
        organizations(url, ApiSettings(budget=0.2))


def test_an_answer_that_does_not_come_in_time_is_tried_again() -> None:
    """A request that hangs is given up after its timeout and sent once more."""
    api = ScriptedApi({"": [Reply(silent=True), ORGANIZATIONS]})
    with served(api) as url, capture_logs() as logs:
        assert organizations(url, ApiSettings(timeout=0.2)) == (ACME,)
    assert "0.2 seconds" in logs[0]["reason"] or "Timeout" in logs[0]["reason"]


def test_every_page_is_read() -> None:
    """Three pages become one list, each requested with the cursor of the previous page."""
    pages = [
        says({"data": [{"sale_id": f"s{n}", "quote_details": {"output": {"currency": currency}}}], "pagination": after})
        for n, currency, after in (
            (1, "USD", {"next_cursor": "c+1/="}),
            (2, None, {"next_cursor": "c2"}),
            (3, "EUR", {"next_cursor": None}),
        )
    ]
    api = ScriptedApi({"/sales": pages})
    with served(api) as url:
        currencies = ask(url, lambda api: api.currencies(ACME, APRIL.start, APRIL.end))

    assert currencies == {"USD", "EUR"}
    assert [asked.query.get("cursor") for asked in api.asked] == [None, "c+1/=", "c2"]
    span = {"limit": "500", "start_date": "2026-04-01T04:00:00Z", "end_date": "2026-05-01T04:00:00Z"}
    assert all(asked.query.items() >= span.items() for asked in api.asked)


def test_pages_that_lead_in_a_circle_are_refused() -> None:
    """A repeated cursor ends the list with an error, not with an endless loop."""
    pages = [says({"data": [], "pagination": {"next_cursor": cursor}}) for cursor in ("a", "b", "a")]
    api = ScriptedApi({"/organizations": pages})
    with served(api) as url, pytest.raises(ApiAnswerInvalid, match="organizations: the API's list is circular"):
        organizations(url)
    assert len(api.asked) == 3


def test_a_list_without_end_is_refused() -> None:
    """An endless sequence of new cursors ends with an error."""
    pages = [says({"data": [], "pagination": {"next_cursor": str(page)}}) for page in range(MOST_PAGES + 1)]
    api = ScriptedApi({"/organizations": pages})
    with served(api) as url, pytest.raises(ApiAnswerInvalid, match="does not end after 1000 pages"):
        organizations(url)
    assert len(api.asked) == MOST_PAGES
