"""The properties of the sandbox's world: the same events in every process, and organizations that test edge cases."""

import json
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from reporter.domain.window import local_midnight
from reporter.sandbox.events import TimeSpan, instant, moment
from reporter.sandbox.organizations import ORGANIZATIONS, SandboxOrganization
from reporter.sandbox.world import World

PRINT_A_MONTH = """
import json
from datetime import UTC, datetime
from reporter.sandbox import analytics
from reporter.sandbox.events import TimeSpan, instant
from reporter.sandbox.world import World
span = TimeSpan(instant(datetime(2026, 4, 1, tzinfo=UTC)), instant(datetime(2026, 5, 1, tzinfo=UTC)))
world = World()
print(json.dumps([
    [each.id, compute(world.history(each.id), span, span.end)]
    for each in world.organizations for compute in analytics.ANALYTICS.values()
]))
"""


def test_every_process_sees_the_same_world() -> None:
    """A process's hash seed and time zone change no answer."""
    answers = [
        subprocess.run(
            [sys.executable, "-c", PRINT_A_MONTH],
            env={"PYTHONHASHSEED": hash_seed, "TZ": zone, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed, zone in (("1", "UTC"), ("4242", "Asia/Tokyo"))
    ]
    assert answers[0] == answers[1]
    assert len(json.loads(answers[0])) == 6 * len(ORGANIZATIONS)


def test_another_seed_is_another_history() -> None:
    """Another seed changes the events, but not the organizations."""
    span = TimeSpan(instant(local_midnight(date(2026, 4, 1), "UTC")), instant(local_midnight(date(2026, 4, 8), "UTC")))
    worlds = World(7), World(8)
    events = [list(world.history(world.organizations[0].id).conversations.between(span)) for world in worlds]
    assert events[0] != events[1]
    assert worlds[0].organizations == worlds[1].organizations


@pytest.mark.parametrize("organization", ORGANIZATIONS, ids=lambda each: each.timezone)
def test_every_event_lies_in_its_local_day(world: World, organization: SandboxOrganization) -> None:
    """A local day's events begin within that date, sorted and distinct, even if the clocks change."""
    history = world.history(organization.id)
    zone = ZoneInfo(organization.timezone)
    for day in (date(2026, 3, 1) + timedelta(days=number) for number in range(250)):
        ends = (local_midnight(each, organization.timezone) for each in (day, day + timedelta(days=1)))
        span = TimeSpan(*map(instant, ends))
        for events in (history.conversations.between(span), history.sales.between(span)):
            times = [event.at for event in events]
            assert all(before < after for before, after in pairwise(times))
            assert {moment(at).astimezone(zone).date() for at in times} <= {day}


def test_backwards_is_the_same_the_other_way_round(world: World) -> None:
    """Newest first is the reverse of oldest first."""
    sales = world.history(world.organizations[0].id).sales
    span = TimeSpan(
        instant(local_midnight(date(2026, 1, 1), "UTC")) + 12345, instant(local_midnight(date(2026, 5, 1), "UTC"))
    )
    assert list(sales.backwards(span)) == list(reversed(list(sales.between(span))))
    assert len(list(sales.between(span))) > 50


def test_weekdays_are_busier_than_weekends(world: World) -> None:
    """An organization is busier on weekdays than on weekends."""
    conversations = world.history(world.organizations[0].id).conversations
    span = TimeSpan(instant(local_midnight(date(2026, 1, 5), "UTC")), instant(local_midnight(date(2026, 6, 1), "UTC")))
    weekdays = [conversations.date_of(event.at).weekday() for event in conversations.between(span)]
    assert sum(day < 5 for day in weekdays) / 5 > 1.5 * sum(day >= 5 for day in weekdays) / 2


def test_the_cast_has_all_that_breaks_reports() -> None:
    """Ids are opaque and distinct, one needs escaping; two names are equal, others are hostile or endless."""
    names = [organization.name for organization in ORGANIZATIONS]
    ids = [organization.id for organization in ORGANIZATIONS]
    assert names[0] == "Acme Roofing"
    assert len(set(ids)) == len(ids)
    assert len(set(names)) == len(names) - 1
    assert any(identifier.startswith("HR_id_") and {"/", "%", "?", "#"} <= set(identifier) for identifier in ids)
    assert sum(identifier.startswith("gAAAAAB") and len(identifier) == 71 for identifier in ids) == len(ids) - 1
    assert any("<script>" in name and "\r\n" in name and "\u202e" in name and "../" in name for name in names)
    assert max(map(len, names)) == 10_000
