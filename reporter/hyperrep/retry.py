"""Retries of one request: jittered exponential backoff within a time budget.

Only a `TransientError` is retried: a failed connection, a timeout, 429, and 500 to 504.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import SystemRandom
from typing import TypeVar

import structlog

Answer = TypeVar("Answer")

_FIRST_BACKOFF, _LONGEST_BACKOFF = 0.5, 20.0
"""Upper limit of the random pause after the first attempt, and of any later one, in seconds; it doubles each time."""

_random = SystemRandom()
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
        backoff = _FIRST_BACKOFF
        while True:
            try:
                async with slots:
                    return await self._timed(attempt)
            except TransientError as error:
                # The random part keeps requests that were rejected at the same time from being retried together.
                pause = error.retry_after + _random.uniform(0, backoff)
                if self.spent + pause >= self.budget:
                    raise
                reason = error.reason
            _log.warning(
                "api.retry", endpoint=self.endpoint, attempt=self.attempts, reason=reason, pause=round(pause, 2)
            )
            self.spent += pause
            backoff = min(_LONGEST_BACKOFF, 2 * backoff)
            await asyncio.sleep(pause)

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
