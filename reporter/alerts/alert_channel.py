"""The interface of alerts: their content, and the channels that deliver them to operators.

    RunOutcome or error ─ incident ─▶ RunFindings ─ alert_state ─▶ PendingAlerts ─ alert_text ─▶ Alert ─▶ each Channel

A new channel is one file that implements the protocol below.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Alert:
    """An operator alert: short plain text, without secrets and without figures of reports."""

    title: str
    text: str
    is_trouble: bool


class Channel(Protocol):
    """A way to reach the operators."""

    def tell(self, notice: Alert) -> bool:
        """Send the alert; whether it reached anybody. Never raises: errors are logged without secrets."""
        ...
