"""Analytics computed from events, as documented for the API; choices that the documentation leaves open are below.

- A conversation or sale belongs to the one window in which it began, so adjacent windows add up.
- Everything agents did by `now` counts, even after the window's end, so a window's rates change for some days.
- A share or median of an empty set is null.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from statistics import median
from typing import Any

from reporter.sandbox.events import LONGEST, SECOND, Conversation, Message, TimeSpan
from reporter.sandbox.organizations import CHANNELS, SandboxStage
from reporter.sandbox.world import History

LIVE_CHANNELS = frozenset({"textMessages", "calls", "liveChats"})
"""The modalities for which responses are measured.

The documentation describes `numConversationsReceived` and `totalConversations` alike, yet its example has 20 and 42
of them. This interpretation gives both: 10 texts, 4 calls, and 6 live chats are 20; with emails and forms, 42.
"""

Answer = dict[str, Any]


def response_rate(history: History, span: TimeSpan, now: int) -> Answer:
    """Live conversations that began in the span, and those of them answered by `now`, even after the span."""
    received = [each for each in history.conversations.between(span) if each.channel in LIVE_CHANNELS]
    responded = sum(conversation.answered(now) for conversation in received)
    return {
        "numConversationsRespondedTo": responded,
        "numConversationsReceived": len(received),
        "responseRate": _share(responded, len(received)),
    }


def response_time(history: History, span: TimeSpan, now: int) -> Answer:
    """Median response time in seconds of the live messages received in the span and answered by `now`."""
    delays = [
        (message.answered - message.at) / SECOND
        for conversation, message in _messages(history, span)
        if conversation.channel in LIVE_CHANNELS
        and message.at in span
        and message.answered is not None
        and message.answered <= now
    ]
    return {"responseTime": _plain(median(delays)) if delays else None}


def volume(history: History, span: TimeSpan, _now: int) -> Answer:
    """Messages received and sent in the span, whenever their conversation began, and conversations begun in it."""
    messages = [message for _, message in _messages(history, span)]
    return {
        "numMessagesReceived": sum(message.at in span for message in messages),
        "numMessagesSent": sum(message.answered is not None and message.answered in span for message in messages),
        "totalConversations": sum(1 for _ in history.conversations.between(span)),
    }


def modality(history: History, span: TimeSpan, _now: int) -> Answer:
    """Conversations begun in the span by the modality of their first message; they add up to `totalConversations`."""
    counts = dict.fromkeys(CHANNELS, 0)
    for conversation in history.conversations.between(span):
        counts[conversation.channel] += 1
    return counts


def conversations(history: History, span: TimeSpan, now: int) -> Answer:
    """The four blocks of conversation analytics in one answer."""
    return {
        "responseRateStats": response_rate(history, span, now),
        "responseTimeStats": response_time(history, span, now),
        "volumeStats": volume(history, span, now),
        "modalityStats": modality(history, span, now),
    }


def sales(history: History, span: TimeSpan, now: int) -> Answer:
    """The pipeline in effect at the span's end, and the share of qualified sales that were accepted.

    Sales that qualified in the span count in every stage they reached by `now` and in all earlier stages, so volumes
    never increase along the pipeline. Values are sums of amounts, regardless of the currencies of the sales.
    """
    stages = history.organization.pipeline(history.sales.date_of(max(span.start, span.end - 1)))
    volumes, values = _pipeline(history, span, now, stages)
    accepted = next(place for place, stage in enumerate(stages) if stage.key == "accepted")
    return {
        "pipeline": [
            {"name": stage.name, "status": stage.status, "volume": volumes[place], "value": str(values[place])}
            for place, stage in enumerate(stages)
        ],
        "salesRate": _share(volumes[accepted], volumes[0]),
    }


ANALYTICS: Mapping[str, Callable[[History, TimeSpan, int], Answer]] = {
    "conversations": conversations,
    "conversations/response-rate": response_rate,
    "conversations/response-time": response_time,
    "conversations/volume": volume,
    "conversations/modality": modality,
    "sales": sales,
}
"""The function that answers each path below `analytics/`."""


def _messages(history: History, span: TimeSpan) -> Iterator[tuple[Conversation, Message]]:
    """A superset of the messages received or answered in the span."""
    for conversation in history.conversations.between(TimeSpan(span.start - LONGEST, span.end)):
        for message in conversation.messages:
            yield conversation, message


def _pipeline(
    history: History, span: TimeSpan, now: int, stages: tuple[SandboxStage, ...]
) -> tuple[list[int], list[Decimal]]:
    """Volume and value of each stage; a sale from an earlier pipeline is placed by the stages both share."""
    places = {stage.key: place for place, stage in enumerate(stages)}
    volumes = [0] * len(stages)
    values = [Decimal(0).scaleb(-history.organization.decimals)] * len(stages)
    for sale in history.sales.between(span):
        furthest = max(places.get(change.stage.key, 0) for change in sale.reached(now))
        for place in range(furthest + 1):
            volumes[place] += 1
            values[place] += sale.total
    return volumes, values


def _share(part: int, whole: int) -> float | None:
    """A share with two decimals, as the documentation's example rounds 11/24 to 0.46."""
    return round(part / whole, 2) if whole else None


def _plain(number: float) -> float | int:
    """The number without a zero fraction: 3600 rather than 3600.0, as in the documentation."""
    return int(number) if number.is_integer() else number
