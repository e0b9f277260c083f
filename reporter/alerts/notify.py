"""Sends a run's new incidents to the operators on every channel."""

from collections.abc import Sequence
from datetime import datetime

from reporter.alerts.alert_channel import Channel
from reporter.alerts.alert_state import AlertState, judge
from reporter.alerts.alert_text import write
from reporter.alerts.incident import RunFindings


def tell(seen: RunFindings, memory: AlertState, channels: Sequence[Channel], *, host: str, now: datetime) -> None:
    """Alert operators about new incidents; an alert that reached nobody is repeated after the next run."""
    if not channels or (memory.is_empty and not seen.troubles):
        return
    with memory.held():
        news = judge(memory.recall(), seen, now)
        told = [channel.tell(write(news, seen, host)) for channel in channels if news.is_due]
        memory.keep(news.if_told if any(told) else news.if_untold)
