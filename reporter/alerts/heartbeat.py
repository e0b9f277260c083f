"""The sign that runs take place at all: one address is called at a run's start and at its end, good or bad.

A service that knows the schedule (Healthchecks, and others that speak as it does) raises the alarm when it stays away.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Self

import httpx
import structlog
from pydantic import SecretStr

log = structlog.get_logger(__name__)

_PATIENCE = 5.0
_TRIES = 2

DEFERRED = 75
_GOOD = {0, DEFERRED}
"""Exit codes of a run that did what it should; what is deferred, the next run sends."""


class Heartbeat:
    """The calls to `address`, one after the other and beside everything else; what fails is logged, nothing more."""

    def __init__(self, address: SecretStr) -> None:
        self._address = httpx.URL(address.get_secret_value())
        self._caller = ThreadPoolExecutor(1, thread_name_prefix="heartbeat")

    def begin(self) -> Self:
        """Say that a run has started, without waiting for an answer."""
        self._caller.submit(self._call, "/start", "")
        return self

    def end(self, exit_code: int) -> None:
        """Say how the run ended, and wait until that is said."""
        step = "" if exit_code in _GOOD else "/fail"
        self._caller.submit(self._call, step, f"exit code {exit_code}\n")
        self._caller.shutdown()

    def _call(self, step: str, body: str) -> None:
        reasons: list[str] = []
        with httpx.Client(timeout=_PATIENCE) as client:
            while len(reasons) < _TRIES:
                if not (reason := self._failure(client, step, body)):
                    return
                reasons.append(reason)
        log.error("heartbeat.failed", call=step or "success", reason=reasons[-1])

    def _failure(self, client: httpx.Client, step: str, body: str) -> str | None:
        """What went wrong with one call, without its address; None where it was heard."""
        address = self._address.copy_with(path=self._address.path.rstrip("/") + step)
        try:
            with client.stream("POST", address, content=body) as answer:
                return None if answer.is_success else f"answered {answer.status_code}"
        except httpx.HTTPError as error:
            return type(error).__name__
