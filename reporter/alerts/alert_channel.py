"""The seam of notices: what operators are told, and the ways on which it reaches them.

    RunOutcome, or the error that ended a run ─ trouble ─▶ Seen ─ memory ─▶ News ─ notice ─▶ Notice ─▶ every Channel

Another channel is one file that implements the protocol below.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Alert:
    """What operators read: plain text, short, without secrets and without a reader's figures."""

    title: str
    text: str
    is_trouble: bool


class Channel(Protocol):
    """One way to the operators."""

    def tell(self, notice: Alert) -> bool:
        """Whether the notice reached anybody. Never raises: what goes wrong is logged, without any secret."""
        ...
