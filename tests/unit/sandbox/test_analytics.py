"""The properties of the sandbox's figures, for any window."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporter.sandbox import analytics
from reporter.sandbox.events import DAY, LONGEST, TimeSpan, instant
from reporter.sandbox.organizations import ORGANIZATIONS
from reporter.sandbox.world import World

NOW = instant(datetime(2026, 11, 20, 15, 30, tzinfo=UTC))
SHARED = World()

organizations = st.sampled_from(ORGANIZATIONS)
# no pipeline changes in these days, so the stages can be summed
instants = st.integers(NOW - 120 * DAY, NOW)


def counts(answer: Any) -> list[Any]:
    """The parts of an answer that can be summed: counts and money, but no shares and medians."""
    conversations, sales = answer
    rate, volume = conversations["responseRateStats"], conversations["volumeStats"]
    return [
        rate["numConversationsRespondedTo"],
        rate["numConversationsReceived"],
        *volume.values(),
        *conversations["modalityStats"].values(),
        *(stage["volume"] for stage in sales["pipeline"]),
        *(Decimal(stage["value"]) for stage in sales["pipeline"]),
    ]


def answers(organization_id: str, span: TimeSpan, now: int = NOW, world: World = SHARED) -> Any:
    """Both answers for a window."""
    history = world.history(organization_id)
    return analytics.conversations(history, span, now), analytics.sales(history, span, now)


@settings(max_examples=60, deadline=None)
@given(organizations, st.tuples(instants, instants, instants).map(sorted))
def test_windows_that_abut_add_up(organization: Any, ends: list[int]) -> None:
    """Every conversation, message, and sale is in exactly one of two adjacent windows."""
    start, middle, end = ends
    parts = [counts(answers(organization.id, TimeSpan(*each))) for each in ((start, middle), (middle, end))]
    whole = counts(answers(organization.id, TimeSpan(start, end)))
    assert [first + second for first, second in zip(*parts, strict=True)] == whole


@settings(max_examples=60, deadline=None)
@given(organizations, st.tuples(instants, instants).map(sorted))
def test_volumes_never_rise_along_the_pipeline(organization: Any, ends: list[int]) -> None:
    """A sale counts in every stage before its own, even if stages were renamed, added, or moved."""
    _, sales = answers(organization.id, TimeSpan(*ends))
    volumes = [stage["volume"] for stage in sales["pipeline"]]
    assert volumes == sorted(volumes, reverse=True)


@settings(max_examples=40, deadline=None)
@given(organizations, st.tuples(instants, instants).map(sorted))
def test_modalities_are_all_conversations(organization: Any, ends: list[int]) -> None:
    """The modalities add up to all conversations; response times are measured for texts, calls, and chats."""
    conversations, _ = answers(organization.id, TimeSpan(*ends))
    modalities = conversations["modalityStats"]
    assert sum(modalities.values()) == conversations["volumeStats"]["totalConversations"]
    live = modalities["textMessages"] + modalities["calls"] + modalities["liveChats"]
    assert conversations["responseRateStats"]["numConversationsReceived"] == live


@settings(max_examples=40, deadline=None)
@given(organizations, st.tuples(instants, instants).map(sorted), st.integers(0, 400 * DAY))
def test_an_answer_does_not_depend_on_what_was_asked_before(organization: Any, ends: list[int], away: int) -> None:
    """The answer for a window is the same in a new world and in one with earlier requests."""
    fresh = World()
    answers(organization.id, TimeSpan(NOW - away - 3 * DAY, NOW - away), world=fresh)
    assert answers(organization.id, TimeSpan(*ends), world=fresh) == answers(organization.id, TimeSpan(*ends))


def test_later_answers_raise_the_rate(world: World) -> None:
    """A past week's responses grow as replies come in, until all are there; its conversations do not change."""
    acme = world.organizations[0].id
    week = TimeSpan(NOW - 7 * DAY, NOW)
    rates = [answers(acme, week, NOW + days * DAY)[0]["responseRateStats"] for days in (0, 2, 5, 15, 300)]
    responded = [rate["numConversationsRespondedTo"] for rate in rates]
    assert len({rate["numConversationsReceived"] for rate in rates}) == 1
    assert responded == sorted(responded)
    assert responded[0] < responded[2]
    assert responded[3] == responded[4]


def test_sales_ripen(world: World) -> None:
    """A stage that a sale reaches later counts from then on; a past week's qualified sales do not change."""
    week = TimeSpan(NOW - 7 * DAY, NOW)
    pipelines = [
        [answers(each.id, week, NOW + days * DAY)[1]["pipeline"] for each in world.organizations] for days in (0, 30)
    ]
    early, late = pipelines
    assert [stages[0] for stages in early] == [stages[0] for stages in late]
    assert sum(stages[-1]["volume"] for stages in early) < sum(stages[-1]["volume"] for stages in late)


def test_start_is_inclusive_and_end_exclusive(world: World) -> None:
    """A conversation counts in the window that begins with its first message, not in the one that ends there."""
    history = world.history(world.organizations[0].id)
    first = next(history.conversations.between(TimeSpan(NOW - 20 * DAY, NOW)))

    def total(start: int, end: int) -> int:
        volume: int = analytics.volume(history, TimeSpan(start, end), NOW)["totalConversations"]
        return volume

    assert total(first.at, first.at + 1) == 1
    assert total(first.at - 1, first.at) == 0


def test_nothing_has_no_share_and_no_median(world: World) -> None:
    """If there is no activity, counts are 0, money is a decimal 0, and rates and times are null."""
    empty = next(each for each in world.organizations if each.name == "Not Yet Open GmbH")
    conversations, sales = answers(empty.id, TimeSpan(NOW - 400 * DAY, NOW))
    assert conversations["responseRateStats"]["responseRate"] is None
    assert conversations["responseTimeStats"]["responseTime"] is None
    assert {stage["value"] for stage in sales["pipeline"]} == {"0.00"}
    assert sales["salesRate"] is None


@pytest.mark.parametrize(
    ("day", "names"),
    [
        # July 1 in London begins an hour earlier than in UTC
        (datetime(2025, 6, 30, 23, tzinfo=UTC), ["Lead", "Visit", "Offer sent", "Won"]),
        (datetime(2025, 7, 1, tzinfo=UTC), ["Enquiry", "Visit", "Offer sent", "Won", "Deposit paid"]),
        (
            datetime(2026, 9, 1, tzinfo=UTC),
            ["Enquiry", "Offer sent", "Visit", "Financing check", "Signed ✔", "Deposit paid"],
        ),
    ],
)
def test_a_pipeline_can_change(world: World, day: datetime, names: list[str]) -> None:
    """An organization's stages are those at the window's end: renamed, added, and moved over the years."""
    odd = next(each for each in world.organizations if each.name == "Odd Stage Productions")
    _, sales = answers(odd.id, TimeSpan(instant(day - timedelta(days=30)), instant(day)))
    assert [stage["name"] for stage in sales["pipeline"]] == names


def test_no_conversation_outlasts_what_windows_look_back(world: World) -> None:
    """Every message and reply of a conversation is within the time that `volume` looks back."""
    for organization in world.organizations:
        for conversation in world.history(organization.id).conversations.between(TimeSpan(NOW - 200 * DAY, NOW)):
            times = [at for message in conversation.messages for at in message if at is not None]
            assert conversation.at <= min(times)
            assert max(times) < conversation.at + LONGEST


def monthly(name: str, read: Callable[[Any], float]) -> list[float]:
    """A number of an organization in the last twelve periods of thirty days, oldest first."""
    organization = next(each for each in ORGANIZATIONS if each.name == name)
    spans = [TimeSpan(NOW - (month + 1) * 30 * DAY, NOW - month * 30 * DAY) for month in reversed(range(12))]
    return [read(answers(organization.id, span)) for span in spans]


def test_the_organizations_differ(world: World) -> None:
    """The first is steady and busy; others grow, shrink, are seasonal, or are tiny; currencies differ."""

    def total(answer: Any) -> float:
        return float(answer[0]["volumeStats"]["totalConversations"])

    steady = monthly("Acme Roofing", total)
    assert 300 < min(steady) <= max(steady) < 600
    growing, shrinking = monthly("Northwind Solar", total), monthly("Blockwell Video Rental", total)
    assert sum(growing[6:]) > 1.2 * sum(growing[:6])
    assert sum(shrinking[6:]) < 0.9 * sum(shrinking[:6])
    seasonal = monthly("Alpine Snow Removal", total)
    assert max(seasonal) > 5 * min(seasonal)
    assert max(monthly("Corner Bakery", total)) < 30
    assert {each.currency for each in world.organizations} >= {"USD", "EUR", "JPY", None}
