"""The sandbox over a real socket: which requests it refuses, and with which messages."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from reporter.sandbox.world import EXPIRED_KEY, INACTIVE_KEY, SINGLE_KEY
from tests.functional.sandbox.asking import ACME, APRIL, ODD, answer, of


@pytest.mark.parametrize(
    ("key", "detail"),
    [
        (None, "Missing API Key"),
        ("nonsense", "Invalid API Key"),
        (INACTIVE_KEY, "API Key is inactive"),
        (EXPIRED_KEY, "API Key has expired"),
    ],
)
def test_refused_keys(api: httpx.Client, key: str | None, detail: str) -> None:
    """A missing, unknown, inactive, or expired key is a 403 that says which, whatever else is wrong."""
    api.headers.pop("X-API-KEY")
    response = api.get(of(ACME, "analytics/sales"), headers={} if key is None else {"X-API-KEY": key})
    assert (response.status_code, response.json()) == (403, {"detail": detail})


def test_a_key_can_see_one_organization_only(api: httpx.Client) -> None:
    """A key for one organization lists it and is refused the others."""
    headers = {"X-API-KEY": SINGLE_KEY}
    assert [each["name"] for each in api.get("/organizations", headers=headers).json()["data"]] == ["Acme Roofing"]
    assert api.get(of(ODD, "sales"), headers=headers).json() == {"detail": "Invalid organization_id"}


@pytest.mark.parametrize(
    ("path", "query", "faults"),
    [
        ("analytics/sales", {}, [("start_date", "missing"), ("end_date", "missing")]),
        ("analytics/conversations", {**APRIL, "end_date": "soon"}, [("end_date", "datetime_from_date_parsing")]),
        ("sales", {"limit": 0}, [("limit", "greater_than_equal")]),
        ("sales", {"limit": 501}, [("limit", "less_than_equal")]),
        ("sales", {"limit": "many"}, [("limit", "int_parsing")]),
    ],
)
def test_validation_errors(api: httpx.Client, path: str, query: Any, faults: list[tuple[str, str]]) -> None:
    """A missing or malformed parameter is a 422 with a list of where, what, and why."""
    response = api.get(of(ACME, path), params=query)
    detail = response.json()["detail"]
    assert response.status_code == 422
    assert [(fault["loc"], fault["type"]) for fault in detail] == [(["query", name], kind) for name, kind in faults]
    assert all(set(fault) == {"loc", "msg", "type"} for fault in detail)


@pytest.mark.parametrize(
    ("path", "query", "status", "detail"),
    [
        (
            of(ACME, "analytics/sales"),
            {"start_date": APRIL["end_date"], "end_date": APRIL["start_date"]},
            400,
            "start_date must be less than or equal to end_date",
        ),
        (
            of(ACME, "analytics/conversations/volume"),
            {**APRIL, "end_date": "2026-05-04T09:30:01Z"},
            400,
            "start_date and end_date cannot be in the future",
        ),
        ("/organizations/nobody/analytics/sales", APRIL, 400, "Invalid organization_id"),
        ("/organizations/nobody/sales", {}, 400, "Invalid organization_id"),
        (of(ACME, "analytics/nothing"), APRIL, 404, "Not Found"),
        ("/organizations/", {}, 404, "Not Found"),
    ],
)
def test_refused_requests(api: httpx.Client, path: str, query: dict[str, str], status: int, detail: str) -> None:
    """A well-formed but invalid request is refused with the documented message."""
    response = api.get(path, params=query)
    assert (response.status_code, response.json()) == (status, {"detail": detail})


@pytest.mark.parametrize("cursor", ["", "nonsense", "é", "c2FsZXM6eA==", "YWdlbnRzOjU=", "c2FsZXM6MDA1"])
def test_invalid_cursors(api: httpx.Client, cursor: str) -> None:
    """A malformed cursor, or one of another list, is a 400."""
    response = api.get(of(ACME, "sales"), params={"cursor": cursor})
    assert (response.status_code, response.json()) == (400, {"detail": "Invalid cursor"})


def test_now_is_not_the_future(api: httpx.Client) -> None:
    """A window may end now; a list of sales may end later, and holds what is known now."""
    answer(api, of(ACME, "analytics/sales"), start_date="2026-05-01T00:00:00Z", end_date="2026-05-04T09:30:00Z")
    sales = answer(api, of(ACME, "sales"), start_date="2026-05-01T00:00:00Z", end_date="2099-01-01T00:00:00Z")["data"]
    changes = [change["changed_at"] for sale in sales for change in sale["status_history"]]
    assert changes
    assert max(changes) <= "2026-05-04T09:30:00.000000Z"


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00Z", "2000-01-01T00:00:00Z"])
def test_nothing_happened_before_the_beginning(api: httpx.Client, end: str) -> None:
    """A window as early as a timestamp can express is answered, and is empty."""
    window = {"start_date": "0001-01-01T00:00:00+14:00", "end_date": end}
    assert answer(api, of(ACME, "analytics/conversations/volume"), **window)["totalConversations"] == 0
    assert answer(api, of(ACME, "analytics/sales"), **window)["salesRate"] is None
    assert answer(api, of(ACME, "sales"), **window)["data"] == []


def test_identifiers_are_taken_as_sent(api: httpx.Client) -> None:
    """An id with a slash and a percent sign is found when escaped, and only then."""
    assert answer(api, of(ODD, "analytics/sales"), **APRIL)["pipeline"][0]["name"] == "Enquiry"
    assert api.get(f"/organizations/{quote(ODD.id)}/analytics/sales", params=APRIL).status_code == 404


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/organizations", {}),
        ("/organizations", {"X-API-KEY": "nonsense"}),
        ("/nowhere", {}),
        (of(ACME, "sales?limit=0"), {}),
    ],
)
def test_every_answer_is_dated_by_the_sandbox_clock(api: httpx.Client, path: str, headers: dict[str, str]) -> None:
    """Answers and errors carry one Date header, from the clock that decides what is in the future."""
    assert api.get(path, headers=headers).headers.get_list("date") == ["Mon, 04 May 2026 09:30:00 GMT"]
