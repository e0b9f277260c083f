"""The API client on the sandbox in this process: for a demo, a preview and a look at a template, without a network."""

from datetime import datetime

import httpx

from reporter.hyperrep.client import HyperRepApi
from reporter.sandbox.api_app import create_app
from reporter.sandbox.world import DEMO_KEY, World


def sandbox_api(now: datetime) -> HyperRepApi:
    """The client with the key to every organization; the sandbox's clock stands at `now`."""
    transport = httpx.ASGITransport(create_app(World(), lambda: now))
    return HyperRepApi(DEMO_KEY, clock=lambda: now, transport=transport)
