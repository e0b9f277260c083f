"""Retries of one request: jittered exponential backoff within a time budget.

Only a `TransientError` is retried: a failed connection, a timeout, 429, and 500 to 504.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

Answer = TypeVar("Answer")

RETRIED = frozenset({429, 500, 501, 502, 503, 504})
"""The statuses of an API that is busy or temporarily broken."""

_BACKOFF = wait_random_exponential(multiplier=0.5, max=20)
_log = structlog.get_logger(__name__)


class TransientError(Exception):
    """A failure that may be temporary; `retry_after` is the pause in seconds that the server asks for."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(slots=True)
class TimeBudget:
    """The time limits of one request, in seconds: of each attempt, and of all attempts with the pauses between.

    Waiting for a free slot is not counted, so a request does not fail because others were slow.
    """

    endpoint: str
    timeout: float
    budget: float
    attempts: int = 0
    spent: float = 0.0

    async def ask(self, attempt: Callable[[], Awaitable[Answer]], slots: asyncio.Semaphore) -> Answer:
        """The result of the first successful attempt; an attempt holds a slot, a pause does not.

        Raises the last TransientError if the next attempt would begin after the budget, and any other error at once.
        """

        async def in_a_slot() -> Answer:
            async with slots:
                return await self._timed(attempt)

        trying = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            wait=_pause,
            stop=self._is_over,
            before_sleep=self._note_pause,
            reraise=True,
        )
        return await trying(in_a_slot)

    async def _timed(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        now = asyncio.get_running_loop().time
        allowed = min(self.timeout, self.budget - self.spent)
        self.attempts += 1
        started = now()
        try:
            async with asyncio.timeout(allowed):
                return await attempt()
        except TimeoutError as error:
            raise TransientError(f"no answer came within {allowed:.3g} seconds") from error
        finally:
            self.spent += now() - started

    def _is_over(self, state: RetryCallState) -> bool:
        return self.spent + state.upcoming_sleep >= self.budget

    def _note_pause(self, state: RetryCallState) -> None:
        self.spent += state.upcoming_sleep
        _log.warning(
            "api.retry",
            endpoint=self.endpoint,
            attempt=self.attempts,
            reason=_fault(state).reason,
            pause=round(state.upcoming_sleep, 2),
        )


def retry_after(value: str | None, now: datetime) -> float:
    """The seconds that a `Retry-After` header asks for, as seconds or as a date; 0 if it is missing or invalid."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = http_date(text)
    return max(0.0, (moment - now).total_seconds()) if moment else 0.0


def http_date(text: str | None) -> datetime | None:
    """The instant of an HTTP date; None if it is missing or invalid."""
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _pause(state: RetryCallState) -> float:
    """The server's delay plus the backoff, so that requests rejected at the same time are not retried together."""
    return _fault(state).retry_after + _BACKOFF(state)


def _fault(state: RetryCallState) -> TransientError:
    assert state.outcome is not None
    error = state.outcome.exception()
    assert isinstance(error, TransientError)
    return error
