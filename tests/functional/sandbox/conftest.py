"""A running sandbox and a client of it."""

from collections.abc import Iterator

import httpx
import pytest

from reporter.sandbox.api_app import create_app
from reporter.sandbox.world import DEMO_KEY
from tests.functional.sandbox.asking import NOW, WORLD
from tests.servers import served


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of a sandbox whose clock is at `NOW`."""
    with served(create_app(WORLD, lambda: NOW)) as url:
        yield url


@pytest.fixture
def api(url: str) -> Iterator[httpx.Client]:
    """A client of the sandbox with the demo key."""
    with httpx.Client(base_url=f"{url}/api/v2", headers={"X-API-KEY": DEMO_KEY}) as client:
        yield client
