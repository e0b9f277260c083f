"""The sandbox's data: organizations, the timelines of their events, and the keys of the API."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from reporter.domain.window import local_midnight
from reporter.sandbox.events import Conversation, EventCalendar, Sale, TimeSpan, instant, moment
from reporter.sandbox.organizations import BEGINNING, ORGANIZATIONS, SandboxOrganization

E = TypeVar("E", bound=Conversation | Sale)

_AT = attrgetter("at")

DEMO_KEY = "hr_demo_key_for_every_organization"
"""The key with access to all organizations."""

SINGLE_KEY = "hr_demo_key_for_acme_alone"
"""A key with access to the first organization only."""

INACTIVE_KEY = "hr_demo_key_inactive"
EXPIRED_KEY = "hr_demo_key_expired"

REFUSED_KEYS: Mapping[str, str] = {INACTIVE_KEY: "API Key is inactive", EXPIRED_KEY: "API Key has expired"}
"""Keys that are no longer valid, and the API's error for each."""


class Timeline(Generic[E]):
    """The events of one kind in one organization, generated per local day on first use, then cached.

    `make` returns a local date's events in time order, all within that date in `timezone`; it must be deterministic.
    """

    def __init__(self, timezone: str, make: Callable[[date], Sequence[E]]) -> None:
        self._zone = ZoneInfo(timezone)
        self._beginning = instant(local_midnight(BEGINNING, timezone))
        self._make = make
        self._days: dict[int, Sequence[E]] = {}

    def between(self, span: TimeSpan) -> Iterator[E]:
        """The events in the span, oldest first."""
        for day in self._dates(span):
            yield from self._slice(day, span)

    def backwards(self, span: TimeSpan) -> Iterator[E]:
        """The events in the span, newest first; only the days that are read are generated."""
        for day in reversed(self._dates(span)):
            yield from reversed(self._slice(day, span))

    def date_of(self, at: int) -> date:
        """The local date of an instant; `BEGINNING` for any earlier instant."""
        return moment(max(at, self._beginning)).astimezone(self._zone).date()

    def _dates(self, span: TimeSpan) -> range:
        if span.end <= max(span.start, self._beginning):
            return range(0)
        return range(self.date_of(span.start).toordinal(), self.date_of(span.end).toordinal() + 1)

    def _slice(self, day: int, span: TimeSpan) -> Sequence[E]:
        if day not in self._days:
            self._days[day] = self._make(date.fromordinal(day))
        events = self._days[day]
        return events[bisect_left(events, span.start, key=_AT) : bisect_left(events, span.end, key=_AT)]


class History:
    """All events of one organization, past and future; callers pass the time up to which they are known."""

    def __init__(self, organization: SandboxOrganization, seed: int) -> None:
        calendar = EventCalendar(organization, seed)
        self.organization = organization
        self.conversations: Timeline[Conversation] = Timeline(organization.timezone, calendar.conversations)
        self.sales: Timeline[Sale] = Timeline(organization.timezone, calendar.sales)

    def listed_sales(self, span: TimeSpan, now: int) -> Iterator[Sale]:
        """The sales created in the span by `now`, newest first; a sale is a draft until it has left the first stage."""
        known = self.sales.backwards(TimeSpan(span.start, min(span.end, now + 1)))
        return (sale for sale in known if len(sale.reached(now)) > 1)


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
