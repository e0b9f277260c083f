"""How the sandbox's tests send requests, and their most frequent ones."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from reporter.sandbox.organizations import SandboxOrganization
from reporter.sandbox.world import World

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
APRIL = {"start_date": "2026-04-01T04:00:00Z", "end_date": "2026-05-01T04:00:00Z"}
WORLD = World()
ACME = WORLD.organizations[0]
ODD = next(each for each in WORLD.organizations if each.id.startswith("HR_id_"))


def of(organization: SandboxOrganization, path: str) -> str:
    """A path below an organization's path."""
    return f"/organizations/{quote(organization.id, safe='')}/{path}"


def answer(api: httpx.Client, path: str, **query: Any) -> Any:
    """The answer to a valid request."""
    response = api.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()
