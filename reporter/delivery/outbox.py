"""The transport of dry runs, the demo and installations without a mail server: mail stays in the archive."""

from collections.abc import Callable
from pathlib import Path

from reporter.delivery.interface import DeliveryStatus, Sent


class OutboxTransport:
    """Hands mail to nobody; `folder` is where the finished messages lie."""

    def __init__(self, folder: Path) -> None:
        self._reply = f"handed to nobody: the message lies in {folder}"

    def send(self, recipient: str, wire: bytes, on_commit: Callable[[], None]) -> Sent:  # noqa: ARG002 - the protocol's
        """Where the message lies; nothing can be delivered, so `on_commit` is never called."""
        return Sent(DeliveryStatus.OUTBOX, self._reply)

    def close(self) -> None:
        """Nothing is open."""
