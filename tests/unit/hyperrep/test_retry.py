"""A request is retried only if that may help, and never beyond its time budget."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from reporter.hyperrep.retry import TimeBudget, TransientError


def _failing(times: int, error: Exception) -> Callable[[], Awaitable[str]]:
    left = [error] * times

    async def attempt() -> str:
        if left:
            raise left.pop()
        return "answer"

    return attempt


def _ask(limits: TimeBudget, attempt: Callable[[], Awaitable[str]]) -> str:
    async def ask() -> str:
        return await limits.ask(attempt, asyncio.Semaphore(1))

    return asyncio.run(ask())


def test_a_passing_fault_is_tried_again_and_logged() -> None:
    """An answer at the second attempt is returned, and the log reports two attempts."""
    limits = TimeBudget("agents", timeout=1, budget=60)
    with capture_logs() as logs:
        assert _ask(limits, _failing(1, TransientError("it answered 503"))) == "answer"

    assert limits.attempts == 2
    assert [(log["event"], log["endpoint"], log["attempt"], log["reason"]) for log in logs] == [
        ("api.retry", "agents", 1, "it answered 503"),
    ]
    assert limits.spent >= logs[0]["pause"] - 0.01


def test_another_error_is_not_tried_again() -> None:
    """An error that a retry cannot fix is raised at once."""
    limits = TimeBudget("agents", timeout=1, budget=60)
    with pytest.raises(ValueError, match="wrong"):
        _ask(limits, _failing(1, ValueError("wrong")))
    assert limits.attempts == 1


def test_a_pause_that_would_outlast_the_budget_is_not_begun() -> None:
    """If a server asks to wait for an hour, the error is raised now, not in an hour."""
    limits = TimeBudget("agents", timeout=1, budget=60)
    with pytest.raises(TransientError, match="busy"):
        _ask(limits, _failing(9, TransientError("busy", retry_after=3600)))
    assert (limits.attempts, limits.spent < 60) == (1, True)


def test_the_last_attempt_ends_with_the_budget() -> None:
    """An attempt's timeout is at most what is left of the budget."""

    async def hang() -> str:
        await asyncio.Event().wait()
        return "never"

    with pytest.raises(TransientError, match=r"no answer came within 0\.05 seconds"):
        _ask(TimeBudget("agents", timeout=600, budget=0.05), hang)
