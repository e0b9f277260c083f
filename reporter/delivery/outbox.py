"""The transport of dry runs, the demo and installations without a mail server: mail stays in the archive."""

from collections.abc import Callable

from reporter.delivery.channel import DeliveryStatus, SendResult


class OutboxTransport:
    """Hands mail to nobody: the finished messages lie beside their reports."""

    connections = 1

    def send(self, recipient: str, wire: bytes, on_commit: Callable[[], None]) -> SendResult:  # noqa: ARG002 - the protocol's
        """Nothing can be delivered, so `on_commit` is never called."""
        return SendResult(DeliveryStatus.OUTBOX, "handed to nobody: the message lies beside the report")

    def close(self) -> None:
        """Nothing is open."""
