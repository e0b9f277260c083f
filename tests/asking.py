"""One request to an API on a socket, through the real client."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from reporter.domain.snapshot import Organization
from reporter.hyperrep.access import ApiSettings
from reporter.hyperrep.client import HyperRepApi

Answer = TypeVar("Answer")

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
KEY = "hr_key_for_these_tests"
USUAL = ApiSettings()


def ask(
    url: str, question: Callable[[HyperRepApi], Awaitable[Answer]], settings: ApiSettings = USUAL, key: str = KEY
) -> Answer:
    """The client's answer to one request, from the API at this URL."""

    async def conversation() -> Answer:
        async with HyperRepApi(key, replace(settings, url=url), clock=lambda: NOW) as api:
            return await question(api)

    return asyncio.run(conversation())


def organizations(url: str, settings: ApiSettings = USUAL) -> tuple[Organization, ...]:
    """The answer to the simplest request."""
    return ask(url, HyperRepApi.organizations, settings)
