"""API client of the in-process sandbox, for demos, previews, and template checks without a network."""

from datetime import datetime

import httpx

from reporter.hyperrep.client import HyperRepApi
from reporter.sandbox.api_app import create_app
from reporter.sandbox.world import DEMO_KEY, World


def sandbox_api(now: datetime) -> HyperRepApi:
    """Create a client with access to every organization; the sandbox's clock is fixed at `now`."""
    transport = httpx.ASGITransport(create_app(World(), lambda: now))
    return HyperRepApi(DEMO_KEY, clock=lambda: now, transport=transport)
