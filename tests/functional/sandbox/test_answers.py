"""The sandbox over a real socket: the documented API, endpoint by endpoint."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from reporter.sandbox.api_app import create_app
from reporter.sandbox.organizations import SandboxOrganization
from reporter.sandbox.world import DEMO_KEY
from tests.functional.sandbox.asking import ACME, APRIL, NOW, WORLD, answer, of
from tests.servers import served


def shape(value: Any) -> Any:
    """A value's shape: keys and types without figures, money apart from other text."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str) and re.fullmatch(r"\d+\.\d\d", value):
        return Decimal
    return float if type(value) is int else type(value)


DOCUMENTED_CONVERSATIONS = {
    "responseRateStats": {"numConversationsRespondedTo": 14, "numConversationsReceived": 20, "responseRate": 0.7},
    "responseTimeStats": {"responseTime": 3600},
    "volumeStats": {"numMessagesReceived": 120, "numMessagesSent": 118, "totalConversations": 42},
    "modalityStats": {"textMessages": 10, "calls": 4, "emails": 20, "liveChats": 6, "formRequests": 2},
}


def test_organizations(api: httpx.Client) -> None:
    """Every organization is listed with its opaque id and its unchanged name, whatever it holds."""
    listed = answer(api, "/organizations")["data"]
    assert listed == [{"organization_id": each.id, "name": each.name} for each in WORLD.organizations]


def test_combined_conversations(api: httpx.Client) -> None:
    """The combined endpoint has the documented blocks, fields, and types."""
    combined = answer(api, of(ACME, "analytics/conversations"), **APRIL)
    assert shape(combined) == shape(DOCUMENTED_CONVERSATIONS)
    assert 0.5 < combined["responseRateStats"]["responseRate"] < 0.95


@pytest.mark.parametrize(
    ("path", "block"),
    [
        ("response-rate", "responseRateStats"),
        ("response-time", "responseTimeStats"),
        ("volume", "volumeStats"),
        ("modality", "modalityStats"),
    ],
)
def test_breakouts(api: httpx.Client, path: str, block: str) -> None:
    """Each breakout endpoint returns its block of the combined one, with the fields at the top level."""
    combined = answer(api, of(ACME, "analytics/conversations"), **APRIL)
    assert answer(api, of(ACME, f"analytics/conversations/{path}"), **APRIL) == combined[block]


def test_sales_analytics(api: httpx.Client) -> None:
    """The pipeline is a list of stages with money as decimal text; the rate is accepted over qualified."""
    sales = answer(api, of(ACME, "analytics/sales"), **APRIL)
    assert shape(sales["pipeline"]) == [{"name": str, "status": type(None), "volume": float, "value": Decimal}]
    assert [(stage["name"], stage["status"]) for stage in sales["pipeline"]] == [
        ("Qualified", None),
        ("Quoted", "quote_sent"),
        ("Accepted", "accepted"),
    ]
    qualified, _, accepted = (stage["volume"] for stage in sales["pipeline"])
    assert sales["salesRate"] == round(accepted / qualified, 2)


def test_sales_records(api: httpx.Client) -> None:
    """A record has the documented fields, and its history agrees with its status."""
    page = answer(api, of(ACME, "sales"), limit=500, **APRIL)
    record = page["data"][0]
    text = str
    change = {"label": text, "status": type(None), "changed_at": text}
    assert {key: shape(record[key]) for key in ("quote_details", "status_history")} == {
        "quote_details": {
            "output": {"currency": text, "total_price": Decimal},
            "arguments": {"products": [{"quantity": float, "unit_price": Decimal, "product_name": text}]},
        },
        "status_history": [change],
    }
    for sale in page["data"]:
        assert sale["current_status"] == sale["status_history"][-1]
        assert sale["status_history"][0]["changed_at"] == sale["created_at"]
        assert "2026-04-01T04:00:00" <= sale["created_at"] < "2026-05-01T04:00:00"
    assert set(record) >= {"sale_id", "company_id", "owner_id", "associated_conversation_ids", "last_activity_at"}


def test_sales_records_and_analytics_tell_the_same(api: httpx.Client) -> None:
    """The listed sales, without drafts, match the quoted stage of the pipeline in number and amount."""
    listed = answer(api, of(ACME, "sales"), limit=500, **APRIL)["data"]
    quoted = answer(api, of(ACME, "analytics/sales"), **APRIL)["pipeline"][1]
    assert len(listed) == quoted["volume"]
    assert sum(Decimal(sale["quote_details"]["output"]["total_price"]) for sale in listed) == Decimal(quoted["value"])


@pytest.mark.parametrize("organization", WORLD.organizations, ids=lambda each: each.id[:16])
def test_currencies(api: httpx.Client, organization: SandboxOrganization) -> None:
    """An organization's sales are in one currency or in several; yen have no decimals."""
    sales = answer(api, of(organization, "sales"), limit=100)["data"]
    outputs = [sale["quote_details"]["output"] for sale in sales]
    expected = set(organization.currencies) if organization.sales else set()
    assert {output["currency"] for output in outputs} == expected
    if organization.currency == "JPY":
        assert all(output["total_price"].isdigit() for output in outputs)


def pages(api: httpx.Client, path: str, **query: Any) -> Iterator[Any]:
    """Every page of a list, with the cursor passed back until it is null."""
    cursor: str | None = None
    while True:
        page = answer(api, path, **query, **({"cursor": cursor} if cursor else {}))
        assert page["pagination"]["cursor"] == cursor
        assert page["pagination"]["has_more"] == (page["pagination"]["next_cursor"] is not None)
        yield page["data"]
        cursor = page["pagination"]["next_cursor"]
        if cursor is None:
            return


def test_pages_lose_and_double_no_sale(api: httpx.Client) -> None:
    """With any page size, the pages hold each sale once, in one order; all are full but the last."""
    whole = [sale["sale_id"] for sale in answer(api, of(ACME, "sales"), limit=500, **APRIL)["data"]]
    assert len(set(whole)) == len(whole) > 20
    for limit in (1, 7, 25, len(whole) - 1, len(whole)):
        listed = [[sale["sale_id"] for sale in page] for page in pages(api, of(ACME, "sales"), limit=limit, **APRIL)]
        assert listed == [whole[start : start + limit] for start in range(0, len(whole), limit)]


def test_the_clock_moves(api: httpx.Client) -> None:
    """A later request for the same window includes answers that have arrived since."""
    window = {"start_date": "2026-04-27T00:00:00Z", "end_date": "2026-05-04T00:00:00Z"}
    with served(create_app(WORLD, lambda: NOW + timedelta(days=10))) as url:
        later = httpx.get(
            f"{url}/api/v2{of(ACME, 'analytics/conversations/response-rate')}",
            params=window,
            headers={"X-API-KEY": DEMO_KEY},
        ).json()
    early = answer(api, of(ACME, "analytics/conversations/response-rate"), **window)
    assert later["numConversationsReceived"] == early["numConversationsReceived"]
    assert later["numConversationsRespondedTo"] > early["numConversationsRespondedTo"]
