"""The API's answers are read exactly into a snapshot, or refused with the name of the wrong field."""

import copy
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.errors import ApiAnswerInvalid
from reporter.domain.snapshot import COMBINED, Block, ResponseRate, Sales, Stage, Volume
from reporter.domain.window import Period, Window
from reporter.hyperrep.responses import OrganizationsPage, Page, SalesPage, parse_snapshot, read_json, validated

APRIL = Window(Period.MONTH, date(2026, 4, 1), date(2026, 5, 1), "America/New_York")

CONVERSATIONS: dict[str, Any] = {
    "responseRateStats": {
        "numConversationsRespondedTo": 14,
        "numConversationsReceived": 20,
        "responseRate": 0.7,
    },
    "responseTimeStats": {"responseTime": 3600},
    "volumeStats": {"numMessagesReceived": 120, "numMessagesSent": 118, "totalConversations": 42},
    "modalityStats": {"textMessages": 10, "calls": 4, "emails": 20, "liveChats": 6, "formRequests": 2},
}
SALES: dict[str, Any] = {
    "pipeline": [
        {"name": "Qualified", "status": None, "volume": 24, "value": "28800.00"},
        {"name": "Accepted", "status": "accepted", "volume": 11, "value": "13200.10"},
    ],
    "salesRate": 0.46,
}
BREAKOUTS = {
    Block.RESPONSE_RATE: "responseRateStats",
    Block.RESPONSE_TIME: "responseTimeStats",
    Block.VOLUME: "volumeStats",
    Block.MODALITY: "modalityStats",
}

counts = st.integers(0, 2**53)
shares = st.none() | st.decimals(0, 1, places=4).map(float)
durations = st.none() | st.integers(0, 10**9) | st.floats(0, 1e9, allow_subnormal=False)
amounts = st.decimals(0, 10**12, places=2).map(str)
stages = st.fixed_dictionaries(
    {"name": st.text(), "status": st.none() | st.text(), "volume": counts, "value": amounts},
)
conversations = st.fixed_dictionaries(
    {
        "responseRateStats": st.fixed_dictionaries(
            {"numConversationsRespondedTo": counts, "numConversationsReceived": counts, "responseRate": shares},
        ),
        "responseTimeStats": st.fixed_dictionaries({"responseTime": durations}),
        "volumeStats": st.fixed_dictionaries(
            {"numMessagesReceived": counts, "numMessagesSent": counts, "totalConversations": counts},
        ),
        "modalityStats": st.fixed_dictionaries(dict.fromkeys(CONVERSATIONS["modalityStats"], counts)),
    },
)


def test_the_documented_answers_are_read_exactly() -> None:
    """The documentation's own example is read exactly, with money and rates as decimals."""
    snapshot = parse_snapshot(APRIL, {COMBINED: CONVERSATIONS, "sales": SALES})

    assert snapshot.window == APRIL
    assert snapshot.response_rate == ResponseRate(received=20, responded=14, rate=Decimal("0.7"))
    assert snapshot.response_time == Decimal(3600)
    assert snapshot.volume == Volume(messages_received=120, messages_sent=118, conversations=42)
    assert snapshot.channels == {"textMessages": 10, "calls": 4, "emails": 20, "liveChats": 6, "formRequests": 2}
    accepted = Stage("Accepted", "accepted", 11, Decimal("13200.10"))
    assert snapshot.sales == Sales((Stage("Qualified", None, 24, Decimal("28800.00")), accepted), Decimal("0.46"))
    assert snapshot.answers == {COMBINED: CONVERSATIONS, "sales": SALES}


@given(conversations, st.lists(stages, max_size=4), shares)
def test_every_number_of_a_valid_answer_is_kept(
    answer: dict[str, Any], pipeline: list[Any], rate: float | None
) -> None:
    """The snapshot contains every valid number of the API, with none rounded, moved, or dropped."""
    travelled = json.loads(json.dumps({COMBINED: answer, "sales": {"pipeline": pipeline, "salesRate": rate}}))
    snapshot = parse_snapshot(APRIL, travelled)

    assert snapshot.response_rate
    assert snapshot.volume
    assert snapshot.sales
    assert answer["responseRateStats"] == {
        "numConversationsReceived": snapshot.response_rate.received,
        "numConversationsRespondedTo": snapshot.response_rate.responded,
        "responseRate": _number(snapshot.response_rate.rate),
    }
    assert answer["responseTimeStats"] == {"responseTime": _number(snapshot.response_time)}
    assert answer["volumeStats"] == {
        "numMessagesReceived": snapshot.volume.messages_received,
        "numMessagesSent": snapshot.volume.messages_sent,
        "totalConversations": snapshot.volume.conversations,
    }
    assert answer["modalityStats"] == snapshot.channels
    kept = [(stage.name, stage.status, stage.volume, str(stage.value)) for stage in snapshot.sales.pipeline]
    assert kept == [(stage["name"], stage["status"], stage["volume"], stage["value"]) for stage in pipeline]
    assert _number(snapshot.sales.rate) == rate


@given(conversations)
def test_breakout_endpoints_say_what_the_combined_one_says(answer: dict[str, Any]) -> None:
    """The four breakout answers together give the same figures as the combined answer."""
    whole = parse_snapshot(APRIL, {COMBINED: answer})
    parts = parse_snapshot(APRIL, {block.value: answer[name] for block, name in BREAKOUTS.items()})

    figures = ("response_rate", "response_time", "volume", "channels")
    assert [getattr(parts, name) for name in figures] == [getattr(whole, name) for name in figures]


def test_a_block_that_was_not_asked_for_is_none() -> None:
    """Only the requested blocks are present; the others are None, never zero."""
    snapshot = parse_snapshot(APRIL, {Block.RESPONSE_TIME.value: {"responseTime": None}})

    assert snapshot.response_time is None
    assert (snapshot.response_rate, snapshot.volume, snapshot.channels, snapshot.sales) == (None,) * 4


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("responseRateStats", "responseRate"), ..., "responseRateStats.responseRate is missing"),
        (("responseRateStats", "responseRate"), 1.01, "responseRateStats.responseRate should be less than"),
        (("responseRateStats", "responseRate"), -0.1, "responseRateStats.responseRate should be greater than"),
        (("responseRateStats", "responseRate"), "0.7", "responseRateStats.responseRate should be a number"),
        (("responseRateStats", "responseRate"), True, "responseRateStats.responseRate should be a number"),
        (("responseRateStats", "responseRate"), float("nan"), "responseRateStats.responseRate should be a finite"),
        (("responseTimeStats", "responseTime"), float("inf"), "responseTimeStats.responseTime should be a finite"),
        (("responseTimeStats", "responseTime"), -1, "responseTimeStats.responseTime should be greater than"),
        (("volumeStats", "totalConversations"), "42", "volumeStats.totalConversations should be a valid integer"),
        (("volumeStats", "totalConversations"), 42.5, "volumeStats.totalConversations should be a valid integer"),
        (("volumeStats", "totalConversations"), None, "volumeStats.totalConversations should be a valid integer"),
        (("volumeStats", "totalConversations"), True, "volumeStats.totalConversations should be a valid integer"),
        (("modalityStats", "calls"), -1, "modalityStats.calls should be greater than or equal to 0"),
        (("modalityStats",), [], "modalityStats should be an object"),
        (("modalityStats",), ..., "modalityStats is missing"),
    ],
)
def test_a_wrong_field_is_named(place: tuple[str, ...], value: Any, words: str) -> None:
    """A missing field, a wrong type, and a number out of range are refused with endpoint and field."""
    answer = copy.deepcopy(CONVERSATIONS)
    *blocks, name = place
    holder = answer[blocks[0]] if blocks else answer
    holder.pop(name) if value is ... else holder.update({name: value})

    with pytest.raises(ApiAnswerInvalid) as refused:
        parse_snapshot(APRIL, {COMBINED: answer})
    assert str(refused.value).startswith(f"analytics/conversations: {words}")


@pytest.mark.parametrize("value", [28800.5, "28,800.00", "NaN", "Infinity", "1e999", "", " 1", "1_0", "٣", None, True])
def test_money_that_is_no_decimal_text_is_refused(value: Any) -> None:
    """Money is never converted to a binary fraction, and text that is not a number is refused."""
    with pytest.raises(ApiAnswerInvalid, match=r"analytics/sales: pipeline\[0\]\.value should be a decimal number"):
        parse_snapshot(APRIL, {"sales": SALES | {"pipeline": [SALES["pipeline"][0] | {"value": value}]}})


@pytest.mark.parametrize("value", ["-0.01", -100, "1E16", 10**400])
def test_an_amount_that_cannot_be_is_refused(value: str | int) -> None:
    """A negative amount is refused, and so is one too large for calculation in any currency."""
    with pytest.raises(ApiAnswerInvalid, match=r"analytics/sales: pipeline\[0\]\.value should be "):
        parse_snapshot(APRIL, {"sales": SALES | {"pipeline": [SALES["pipeline"][0] | {"value": value}]}})


def test_money_written_as_a_whole_number_is_as_exact() -> None:
    """A stage without money may say 0 instead of "0.00"."""
    snapshot = parse_snapshot(APRIL, {"sales": SALES | {"pipeline": [SALES["pipeline"][0] | {"value": 0}]}})
    assert snapshot.sales
    assert snapshot.sales.pipeline[0].value == Decimal(0)


def test_unknown_fields_are_tolerated() -> None:
    """Additional fields of the API do not break a report, and are kept with the answer."""
    answer = {"responseTime": 5, "p95": 60}

    snapshot = parse_snapshot(APRIL, {Block.RESPONSE_TIME.value: answer})
    assert (snapshot.response_time, snapshot.answers[Block.RESPONSE_TIME.value]) == (Decimal(5), answer)


def test_an_answer_of_an_unknown_endpoint_is_refused() -> None:
    """An answer for an unknown endpoint in a manipulated archive is refused, not ignored."""
    with pytest.raises(ApiAnswerInvalid, match="analytics/refunds"):
        parse_snapshot(APRIL, {"refunds": {}})


def test_many_faults_are_counted_not_listed() -> None:
    """An answer with a completely different structure gives one readable sentence."""
    with pytest.raises(ApiAnswerInvalid, match=r"is missing \(and 2 more\)\.$"):
        parse_snapshot(APRIL, {Block.MODALITY.value: {}})


def test_a_sale_names_its_currency() -> None:
    """A sale's currency is read from its quote; a sale without a quote has none."""
    entries = [
        {"sale_id": "1", "quote_details": {"output": {"currency": "USD", "total_price": "1200.00"}}},
        {"sale_id": "2", "quote_details": None},
        {"sale_id": "3"},
    ]
    page = validated(SalesPage, "sales", {"data": entries})
    assert [entry.currency for entry in page.data] == ["USD", None, None]


@pytest.mark.parametrize(
    ("model", "answer", "words"),
    [
        (OrganizationsPage, {"data": [{"organization_id": "a", "name": ""}, {}]}, "data[1].organization_id is missing"),
        (OrganizationsPage, {"data": ["Acme"]}, "data[0] should be an object."),
        (OrganizationsPage, {}, "data is missing."),
        (
            SalesPage,
            {"data": [{"sale_id": "1", "quote_details": {"output": {"currency": "$"}}}]},
            "data[0].quote_details.output.currency should match",
        ),
        (SalesPage, {"data": [{"sale_id": "1", "quote_details": "USD"}]}, "data[0].quote_details should be an object."),
        (SalesPage, {"data": [{"sale_id": "1", "quote_details": {"output": [1]}}]}, "data[0].quote_details.output"),
        (SalesPage, {"data": [{}]}, "data[0].sale_id is missing"),
    ],
)
def test_a_wrong_entry_is_named_by_its_place(model: type[Page], answer: Any, words: str) -> None:
    """An error in a list names the entry's position, so that it can be found among thousands."""
    with pytest.raises(ApiAnswerInvalid) as refused:
        validated(model, "list", answer)
    assert str(refused.value).startswith(f"list: {words}")


@pytest.mark.parametrize(
    "pagination", [{}, {"pagination": None}, {"pagination": {}}, {"pagination": {"next_cursor": ""}}]
)
def test_a_page_without_a_cursor_is_the_last(pagination: dict[str, Any]) -> None:
    """Every form in which the API reports that there is no next page is recognized."""
    assert validated(SalesPage, "sales", {"data": [], **pagination}).next_cursor is None


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"data": [', b"[NaN]", b"[-Infinity]", b"[1e999]", b"[" * 100_000, b'"\xff"', b'"\\ud800"'],
)
def test_a_body_that_is_no_sound_json_is_refused(body: bytes) -> None:
    """Truncated, endless, infinite, or undecodable answers give one sentence that names the endpoint."""
    with pytest.raises(ApiAnswerInvalid, match=r"^sales: the API's answer"):
        read_json("sales", body)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
