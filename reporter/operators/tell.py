"""The way of a notice: what a run has seen and operators do not know yet goes out on every channel."""

from collections.abc import Sequence
from datetime import datetime

from reporter.operators.interface import Channel
from reporter.operators.memory import Memory, judge
from reporter.operators.notice import write
from reporter.operators.trouble import Seen


def tell(seen: Seen, memory: Memory, channels: Sequence[Channel], *, host: str, now: datetime) -> None:
    """Tell operators what is new to them; what reached nobody is told again after the next run."""
    if not channels or (memory.is_empty and not seen.troubles):
        return
    with memory.held():
        news = judge(memory.recall(), seen, now)
        told = [channel.tell(write(news, seen, host)) for channel in channels if news.is_due]
        memory.keep(news.if_told if any(told) else news.if_untold)
