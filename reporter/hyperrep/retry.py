"""How often and how long one request is tried: jittered exponential backoff inside a budget of time.

Only a `TransientError` is tried again: a broken connection, no answer in time, 429 and 500 to 504.
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
"""The statuses of an API that is busy or broken for now."""

_BACKOFF = wait_random_exponential(multiplier=0.5, max=20)
_log = structlog.get_logger(__name__)


class TransientError(Exception):
    """A failure that may be over soon; `retry_after` is how many seconds the server asks to be left alone."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(slots=True)
class TimeBudget:
    """The time one request may take, in seconds: each attempt, and all of them with the pauses between.

    Waiting for a free slot is not counted, so a request is not given up because others were slow.
    """

    endpoint: str
    timeout: float
    budget: float
    attempts: int = 0
    spent: float = 0.0

    async def ask(self, attempt: Callable[[], Awaitable[Answer]], slots: asyncio.Semaphore) -> Answer:
        """The answer of the first attempt that has one; a slot is held by an attempt, never by a pause.

        Raises the last PassingFault when the next attempt would begin after the budget, and any other error at once.
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
    """The seconds a `Retry-After` header asks for, given as seconds or as a date; 0 if there is none or it is bad."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = http_date(text)
    return max(0.0, (moment - now).total_seconds()) if moment else 0.0


def http_date(text: str | None) -> datetime | None:
    """The instant an HTTP date names, None where it is absent or no date."""
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _pause(state: RetryCallState) -> float:
    """The server's wish and the backoff together: requests refused at one time do not come back at one time."""
    return _fault(state).retry_after + _BACKOFF(state)


def _fault(state: RetryCallState) -> TransientError:
    assert state.outcome is not None
    error = state.outcome.exception()
    assert isinstance(error, TransientError)
    return error
