"""The channel of dry runs, the demo, and installations without a mail server: emails stay in the archive."""

from collections.abc import Callable

from reporter.delivery.channel import DeliveryStatus, Email, SendResult


class OutboxChannel:
    """Sends nothing: the finished emails are beside their reports in the archive."""

    def send(self, message: Email, on_commit: Callable[[], None]) -> SendResult:  # noqa: ARG002 - the protocol's
        """Return OUTBOX; nothing can be delivered, so `on_commit` is never called."""
        return SendResult(DeliveryStatus.OUTBOX, "not sent: the email is beside the report")

    def close(self) -> None:
        """Do nothing, as no connection is open."""
