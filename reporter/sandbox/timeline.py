"""Time in the sandbox: instants as integer microseconds since 1970, spans of them, and timelines of events."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from reporter.domain.window import local_midnight
from reporter.sandbox.organizations import BEGINNING

SECOND = 1_000_000
DAY = 86_400 * SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """Microseconds since 1970 as a datetime in UTC."""
    return _EPOCH + microseconds * _MICROSECOND


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """The instants from `start`, inclusive, to `end`, exclusive."""

    start: int
    end: int

    def __contains__(self, at: int) -> bool:
        return self.start <= at < self.end


class TimelineEvent(Protocol):
    """Something that happened at an instant."""

    @property
    def at(self) -> int:
        """When it happened."""
        ...


E = TypeVar("E", bound=TimelineEvent)


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
        return events[bisect_left(events, span.start, key=_at) : bisect_left(events, span.end, key=_at)]


def _at(event: TimelineEvent) -> int:
    return event.at
