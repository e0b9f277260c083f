"""The events of an organization on a local day: a pure function of the seed, the organization, and the date.

Each day has its own random numbers, seeded by text (never by `hash`), so a day is the same in every process and
independent of earlier requests. Times are microseconds since 1970.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from reporter.domain.window import local_midnight
from reporter.sandbox.organizations import CHANNELS, SandboxOrganization, SandboxStage

SECOND = 1_000_000
DAY = 86_400 * SECOND

LONGEST = 15 * DAY
"""Upper limit of the time from a conversation's first message to its last message or answer."""

_MOST_MESSAGES = 6
_LONGEST_GAP = DAY
_LONGEST_DELAY = 9 * DAY
_LATE = 0.06
_TODAY_OF_TRENDS = date(2026, 1, 1)
_WEEKDAYS = (1.2, 1.25, 1.2, 1.15, 1.1, 0.65, 0.45)

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


class Message(NamedTuple):
    """An inbound message, and when an agent answered it (None if never)."""

    at: int
    answered: int | None


class Conversation(NamedTuple):
    """A conversation that began with its first inbound message; `channel` is that message's modality."""

    at: int
    channel: str
    messages: tuple[Message, ...]

    def answered(self, now: int) -> bool:
        """Whether any of its messages has been answered by `now`."""
        return any(message.answered is not None and message.answered <= now for message in self.messages)


class StageChange(NamedTuple):
    """A sale's arrival in a stage."""

    at: int
    stage: SandboxStage


class Sale(NamedTuple):
    """A sale, created when it qualified; `at` is unique within an organization. `owner` is an agent's number."""

    at: int
    owner: int
    currency: str
    quantity: int
    unit_price: Decimal
    changes: tuple[StageChange, ...]

    @property
    def total(self) -> Decimal:
        """Its price in its currency."""
        return self.quantity * self.unit_price

    def reached(self, now: int) -> tuple[StageChange, ...]:
        """The changes that have happened by `now`."""
        return tuple(change for change in self.changes if change.at <= now)


@dataclass(frozen=True, slots=True)
class EventCalendar:
    """An organization's days under one seed."""

    organization: SandboxOrganization
    seed: int

    def conversations(self, day: date) -> tuple[Conversation, ...]:
        """The conversations that begin on a local date, in time order."""
        numbers = self._numbers("conversations", day)
        share = min(0.98, self.organization.answered + 0.05 * self._tide("answered", day))
        delay = self.organization.delay * math.exp(0.3 * self._tide("delay", day))
        channels = self.organization.mix
        return tuple(
            Conversation(at, numbers.choices(CHANNELS, channels)[0], tuple(_messages(numbers, at, share, delay)))
            for at in self._moments(numbers, day, self.organization.conversations)
        )

    def sales(self, day: date) -> tuple[Sale, ...]:
        """The sales that qualify on a local date, in time order."""
        numbers = self._numbers("sales", day)
        stages = self.organization.pipeline(day)
        return tuple(self._sale(numbers, at, stages) for at in self._moments(numbers, day, self.organization.sales))

    def _sale(self, numbers: Random, at: int, stages: tuple[SandboxStage, ...]) -> Sale:
        organization = self.organization
        price = organization.price * math.exp(numbers.gauss(0, 0.5))
        return Sale(
            at,
            numbers.randrange(organization.agents),
            numbers.choice(organization.currencies),
            numbers.choice((1, 1, 1, 2, 3)),
            Decimal(f"{price:.{organization.decimals}f}"),
            tuple(_changes(numbers, at, stages)),
        )

    def _moments(self, numbers: Random, day: date, per_day: float) -> list[int]:
        """Distinct instants within the local date, mostly in office hours, in a number typical of the day."""
        midnight, next_midnight = (
            instant(local_midnight(each, self.organization.timezone)) for each in (day, day + timedelta(days=1))
        )
        length = next_midnight - midnight  # 23 to 25 hours, scaled so that events stay within the day
        count = _poisson(numbers, per_day * self._busyness(day))
        return sorted({midnight + int(_time_of_day(numbers) * length) for _ in range(count)})

    def _busyness(self, day: date) -> float:
        """Activity factor of a date, around 1: weekday, season, yearly trend, and slow fluctuations."""
        organization = self.organization
        years = (day - _TODAY_OF_TRENDS).days / 365.25
        trend = min(5.0, max(0.05, math.pow(organization.trend, years)))
        season = 1 + organization.season * math.cos(2 * math.pi * years)
        return _WEEKDAYS[day.weekday()] * trend * season * (1 + 0.12 * self._tide("busyness", day))

    def _tide(self, what: str, day: date) -> float:
        """A slow fluctuation between -1 and 1, so that weeks and months differ."""
        phases = Random(f"{self.seed}/{self.organization.id}/{what}")
        return sum(
            weight * math.sin(2 * math.pi * (day.toordinal() / length + phases.random()))
            for weight, length in ((0.6, 83), (0.4, 29))
        )

    def _numbers(self, what: str, day: date) -> Random:
        return Random(f"{self.seed}/{self.organization.id}/{what}/{day.toordinal()}")


def _messages(numbers: Random, at: int, share: float, delay: float) -> Iterator[Message]:
    """A conversation's inbound messages; in an unanswered conversation, none has an answer.

    Occasionally the first answer takes days; messages received meanwhile wait for it.
    """
    answers = numbers.random() < share
    late = numbers.random() < _LATE
    answered = at + int(numbers.uniform(1, 8) * DAY) if late else at
    for _ in range(min(_MOST_MESSAGES, 1 + int(numbers.expovariate(0.5)))):
        seconds = max(5, int(delay * math.exp(numbers.gauss(0, 1.2))))
        answered = max(answered, at + min(_LONGEST_DELAY, seconds * SECOND))
        yield Message(at, answered if answers else None)
        at += min(_LONGEST_GAP, 60 * SECOND + int(numbers.expovariate(1 / 10_000)) * SECOND)


def _changes(numbers: Random, at: int, stages: tuple[SandboxStage, ...]) -> Iterator[StageChange]:
    """The stages a sale passes in order, until it stops."""
    for stage in stages:
        if numbers.random() >= stage.passed:
            return
        at += int(stage.pause * math.exp(numbers.gauss(0, 0.9))) * SECOND
        yield StageChange(at, stage)


def _poisson(numbers: Random, mean: float) -> int:
    """A random number with a Poisson distribution of this mean."""
    count, product, limit = 0, numbers.random(), math.exp(-mean)
    while product > limit:
        count += 1
        product *= numbers.random()
    return count


def _time_of_day(numbers: Random) -> float:
    """A random time as a fraction of the day: 90% between 7:00 and 19:00, else at any hour."""
    return numbers.triangular(7, 19, 11) / 24 if numbers.random() < 0.9 else numbers.random()
