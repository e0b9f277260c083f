"""Weeks of cron runs with faults: each email arrives exactly once, or is listed as open, and nothing else happens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.months import months
from tests.office import CEO, CFO
from tests.smtp_server import HANG_UP, STORE_AND_HANG_UP

SETUP = f"""
timezone = "Europe/Berlin"
week_start = "monday"
recipients = ["{CEO}", "{CFO}"]
[[reports]]
organization = "Acme Roofing"
[[reports]]
organization = "Corner Bakery"
period = "month"
"""
START = datetime(2026, 3, 20, 12, tzinfo=UTC)
WEEKS = 6
FAULTS = [
    {},
    {"CONNECT": ["421 4.3.2 come back later"]},
    {"RCPT": ["451 4.7.1 greylisted"]},
    {"AUTH": ["535 5.7.8 wrong password"]},
    {"DATA": [HANG_UP]},
    {"DOT": ["554 5.6.0 refused"]},
    {"DOT": [HANG_UP]},
    {"DOT": [STORE_AND_HANG_UP]},
]
"""What the mail server does once, at the first connection of a run."""


def mornings() -> Iterator[datetime]:
    """The moments of cron: three runs on each day, around the time at which reports are due."""
    for day in range(WEEKS * 7):
        for hour in (4, 7, 16):
            yield START.replace(hour=hour) + timedelta(days=day)


def test_weeks_without_faults(tmp_path: Path) -> None:
    """Six weeks: every report of every window arrives at every recipient, once, and no run says anything."""
    with months(tmp_path, SETUP) as world:
        for moment in mornings():
            done = world.at(moment, "due")
            assert (done.code, done.err) == (0, ""), done
        assert world.violations() == []
        weekly = [each for each in world.history() if each["period"] == "week"]
        assert len(weekly) == 2 * WEEKS
        assert {each["state"] for each in world.history()} == {"accepted"}


@pytest.mark.slow
@settings(max_examples=12)
@given(lots=st.lists(st.sampled_from(FAULTS), min_size=WEEKS * 21, max_size=WEEKS * 21))
def test_weeks_with_faults(lots: list[dict[str, list[str]]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Six weeks in which the server may fail in every run, in any of the ways above."""
    with months(tmp_path_factory.mktemp("weeks"), SETUP) as world:
        for moment, faults in zip(mornings(), lots, strict=True):
            world.place.mail.faults = {stage: list(deeds) for stage, deeds in faults.items()}
            world.at(moment, "due")
        assert world.violations() == []


def test_a_violation_is_found(tmp_path: Path) -> None:
    """An email that arrives again is found, and so is one that the ledger forgets."""
    with months(tmp_path, SETUP) as world:
        for moment in list(mornings())[:12]:
            world.at(moment, "due")
        assert world.violations() == []
        world.place.mail.stored.append(world.place.mail.stored[0])
        assert len(world.violations()) == 1
        world.place.mail.stored.clear()
        assert len(world.violations()) == len(world.history()) > 0
