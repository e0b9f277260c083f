"""A request is retried only if that may help, and never beyond its time budget."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from reporter.hyperrep.retry import TimeBudget, TransientError, http_date, retry_after

NOW = datetime(2026, 5, 1, 4, tzinfo=UTC)


def _failing(times: int, error: Exception) -> Callable[[], Awaitable[str]]:
    left = [error] * times

    async def attempt() -> str:
        if left:
            raise left.pop()
        return "answer"

    return attempt


def _ask(patience: TimeBudget, attempt: Callable[[], Awaitable[str]]) -> str:
    async def ask() -> str:
        return await patience.ask(attempt, asyncio.Semaphore(1))

    return asyncio.run(ask())


def test_a_passing_fault_is_tried_again_and_logged() -> None:
    """An answer at the second attempt is returned, and the log reports two attempts."""
    patience = TimeBudget("agents", timeout=1, budget=60)
    with capture_logs() as logs:
        assert _ask(patience, _failing(1, TransientError("it answered 503"))) == "answer"

    assert patience.attempts == 2
    assert [(log["event"], log["endpoint"], log["attempt"], log["reason"]) for log in logs] == [
        ("api.retry", "agents", 1, "it answered 503"),
    ]
    assert patience.spent >= logs[0]["pause"] - 0.01


def test_another_error_is_not_tried_again() -> None:
    """An error that a retry cannot fix is raised at once."""
    patience = TimeBudget("agents", timeout=1, budget=60)
    with pytest.raises(ValueError, match="wrong"):
        _ask(patience, _failing(1, ValueError("wrong")))
    assert patience.attempts == 1


def test_a_pause_that_would_outlast_the_budget_is_not_begun() -> None:
    """If a server asks to wait for an hour, the error is raised now, not in an hour."""
    patience = TimeBudget("agents", timeout=1, budget=60)
    with pytest.raises(TransientError, match="busy"):
        _ask(patience, _failing(9, TransientError("busy", retry_after=3600)))
    assert (patience.attempts, patience.spent < 60) == (1, True)


def test_the_last_attempt_ends_with_the_budget() -> None:
    """An attempt's timeout is at most what is left of the budget."""

    async def hang() -> str:
        await asyncio.Event().wait()
        return "never"

    with pytest.raises(TransientError, match=r"no answer came within 0\.05 seconds"):
        _ask(TimeBudget("agents", timeout=600, budget=0.05), hang)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Fri, 01 May 2026 04:01:30 GMT", 90),
        ("Fri, 01 May 2026 03:00:00 GMT", 0),
        ("Fri, 01 May 2026 04:01:30 -0000", 90),
        ("-5", 0),
        ("soon", 0),
        ("1.5", 0),
        ("٣", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, seconds: float) -> None:
    """Seconds and HTTP dates are honored; any other value is ignored."""
    assert retry_after(value, NOW) == seconds


def test_a_date_that_is_none_is_none() -> None:
    """An invalid Date header is treated as a missing one."""
    assert http_date("Fri, 99 May 2026 04:01:30 GMT") is None
    assert http_date(None) is None
