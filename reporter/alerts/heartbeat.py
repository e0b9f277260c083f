"""Heartbeat of runs: calls one URL at the start and at the end of a run, with its success or failure.

A monitoring service that knows the schedule (Healthchecks, or a compatible one) alerts when the calls stop.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from typing import Self

import httpx
import structlog
from pydantic import SecretStr

log = structlog.get_logger(__name__)

_TIMEOUT = 5.0
_ATTEMPTS = 2

_SUCCESS = {0, 75}
"""Exit codes of a successful run; the next run sends deferred emails."""


class Heartbeat:
    """Calls `address` in a background thread, one call at a time; failures are only logged."""

    def __init__(self, address: SecretStr) -> None:
        self._address = httpx.URL(address.get_secret_value())
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="heartbeat")

    def begin(self) -> Self:
        """Report the start of a run, without waiting for an answer."""
        self._thread.submit(self._call, "/start", "")
        return self

    def end(self, exit_code: int) -> None:
        """Report the end of the run, and wait for the calls to complete."""
        step = "" if exit_code in _SUCCESS else "/fail"
        self._thread.submit(self._call, step, f"exit code {exit_code}\n")
        self._thread.shutdown()

    def _call(self, step: str, body: str) -> None:
        with httpx.Client(timeout=_TIMEOUT) as client:
            failures = (self._failure(client, step, body) for _ in range(_ATTEMPTS))
            reasons = list(takewhile(bool, failures))
        if len(reasons) == _ATTEMPTS:
            log.error("heartbeat.failed", call=step or "success", reason=reasons[-1])

    def _failure(self, client: httpx.Client, step: str, body: str) -> str | None:
        """The error of one call, without its address; None if it succeeded."""
        address = self._address.copy_with(path=self._address.path.rstrip("/") + step)
        try:
            with client.stream("POST", address, content=body) as answer:
                return None if answer.is_success else f"answered {answer.status_code}"
        except httpx.HTTPError as error:
            return type(error).__name__
