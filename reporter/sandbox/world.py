"""The sandbox's event store: organizations, what happened to them, and the keys that open the API."""

from collections.abc import Mapping

from reporter.sandbox.events import Conversation, EventCalendar, Sale
from reporter.sandbox.organizations import ORGANIZATIONS, SandboxOrganization
from reporter.sandbox.timeline import Timeline

DEMO_KEY = "hr_demo_key_for_every_organization"
"""The key that sees all organizations."""

SINGLE_KEY = "hr_demo_key_for_acme_alone"
"""A key that sees the first organization only."""

INACTIVE_KEY = "hr_demo_key_inactive"
EXPIRED_KEY = "hr_demo_key_expired"

REFUSED_KEYS: Mapping[str, str] = {INACTIVE_KEY: "API Key is inactive", EXPIRED_KEY: "API Key has expired"}
"""Keys that once were good, and what the API says of them now."""


class History:
    """All that ever happens in one organization, past and to come; who asks says up to when it is known."""

    def __init__(self, organization: SandboxOrganization, seed: int) -> None:
        diary = EventCalendar(organization, seed)
        self.organization = organization
        self.conversations: Timeline[Conversation] = Timeline(organization.timezone, diary.conversations)
        self.sales: Timeline[Sale] = Timeline(organization.timezone, diary.sales)


class World:
    """The organizations and their histories, the same for the same seed in every process."""

    def __init__(self, seed: int = 7) -> None:
        self.organizations: tuple[SandboxOrganization, ...] = ORGANIZATIONS
        self._histories = {organization.id: History(organization, seed) for organization in ORGANIZATIONS}

    def organizations_of(self, key: str) -> tuple[SandboxOrganization, ...]:
        """What a key opens; nothing for a key that is not good."""
        return {DEMO_KEY: self.organizations, SINGLE_KEY: self.organizations[:1]}.get(key, ())

    def history(self, organization_id: str) -> History:
        """An organization's history; KeyError for an id that is none."""
        return self._histories[organization_id]
