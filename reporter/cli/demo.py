"""The demo: the embedded sandbox answers in this process, mail goes to the outbox, and nothing needs to be set up."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx

from reporter.config.load import load_config, load_environment
from reporter.config.settings import Config, Overrides
from reporter.hyperrep.client import HyperRepApi
from reporter.sandbox.app import create_app
from reporter.sandbox.world import DEMO_KEY, World

ORGANIZATION = "Acme Roofing"
READER = "executive@example.com"
TIMEZONE = "America/New_York"


def configuration(overrides: Overrides, path: Path | None) -> Config:
    """The configuration of a demo: a file only where one is named, and none of the environment's servers or keys."""
    if path is not None:
        return load_config(path, {}, overrides)
    return load_environment(
        {}, replace(overrides, timezone=overrides.timezone or TIMEZONE, to=overrides.to or (READER,))
    )


def api(now: datetime) -> HyperRepApi:
    """The API client on the sandbox, without a network; the sandbox's clock stands at `now`."""
    transport = httpx.ASGITransport(create_app(World(), lambda: now))
    return HyperRepApi(DEMO_KEY, clock=lambda: now, transport=transport)
