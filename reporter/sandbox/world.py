"""The sandbox's data: organizations, their events, and the keys of the API."""

from collections.abc import Mapping

from reporter.sandbox.events import Conversation, EventCalendar, Sale
from reporter.sandbox.organizations import ORGANIZATIONS, SandboxOrganization
from reporter.sandbox.timeline import Timeline

DEMO_KEY = "hr_demo_key_for_every_organization"
"""The key with access to all organizations."""

SINGLE_KEY = "hr_demo_key_for_acme_alone"
"""A key with access to the first organization only."""

INACTIVE_KEY = "hr_demo_key_inactive"
EXPIRED_KEY = "hr_demo_key_expired"

REFUSED_KEYS: Mapping[str, str] = {INACTIVE_KEY: "API Key is inactive", EXPIRED_KEY: "API Key has expired"}
"""Keys that are no longer valid, and the API's error for each."""


class History:
    """All events of one organization, past and future; callers pass the time up to which they are known."""

    def __init__(self, organization: SandboxOrganization, seed: int) -> None:
        diary = EventCalendar(organization, seed)
        self.organization = organization
        self.conversations: Timeline[Conversation] = Timeline(organization.timezone, diary.conversations)
        self.sales: Timeline[Sale] = Timeline(organization.timezone, diary.sales)


class World:
    """The organizations and their histories, reproducible by seed in every process."""

    def __init__(self, seed: int = 7) -> None:
        self.organizations: tuple[SandboxOrganization, ...] = ORGANIZATIONS
        self._histories = {organization.id: History(organization, seed) for organization in ORGANIZATIONS}

    def organizations_of(self, key: str) -> tuple[SandboxOrganization, ...]:
        """The organizations a key has access to; empty for an invalid key."""
        return {DEMO_KEY: self.organizations, SINGLE_KEY: self.organizations[:1]}.get(key, ())

    def history(self, organization_id: str) -> History:
        """An organization's history. Raises KeyError for an unknown id."""
        return self._histories[organization_id]
