"""The transport of dry runs, the demo, and installations without a mail server: emails stay in the archive."""

from collections.abc import Callable

from reporter.delivery.channel import DeliveryStatus, SendResult


class OutboxTransport:
    """Sends nothing: the finished messages are beside their reports in the archive."""

    connections = 1

    def send(self, recipient: str, wire: bytes, on_commit: Callable[[], None]) -> SendResult:  # noqa: ARG002 - the protocol's
        """Return OUTBOX; nothing can be delivered, so `on_commit` is never called."""
        return SendResult(DeliveryStatus.OUTBOX, "handed to nobody: the message lies beside the report")

    def close(self) -> None:
        """Do nothing, as no connection is open."""
