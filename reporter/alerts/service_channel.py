"""Alerts through services such as chats, pagers, or webhooks; their URLs hold secrets and are never shown."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from pydantic import SecretStr

from reporter.alerts.alert_channel import Alert

log = structlog.get_logger(__name__)

_PATIENCE = 20.0
"""Time limit in seconds for each service; they are called concurrently."""


@dataclass(frozen=True, slots=True)
class ServiceChannel:
    """The services at these Apprise URLs."""

    addresses: tuple[SecretStr, ...]

    def tell(self, notice: Alert) -> bool:
        """Send the alert; whether any service accepted it."""
        try:
            with _in_silence():
                return self._told(notice)
        except Exception as error:  # noqa: BLE001 - any of a hundred plugins may raise anything
            _failed(f"the library raised {type(error).__name__}")  # its message may hold an address
            return False

    def _told(self, notice: Alert) -> bool:
        from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType  # noqa: PLC0415 - heavy, seldom needed

        asset = AppriseAsset(service_timeout=_PATIENCE, allow_templates=False)
        asset.http_redirects = False
        services = Apprise(asset=asset)
        for position, address in enumerate(self.addresses, start=1):
            if not services.add(address.get_secret_value()):
                _failed(f"address {position} is none that Apprise knows")
        kind = NotifyType.FAILURE if notice.is_trouble else NotifyType.SUCCESS
        told = services.notify(notice.text, notice.title, kind, body_format=NotifyFormat.TEXT)
        for result in told.results:
            if not result:
                _failed(f"the service {result.name} did not take it")
        return bool(told.success_count)


def _failed(reason: str) -> None:
    log.error("notice.failed", channel="services", reason=reason)


@contextmanager
def _in_silence() -> Iterator[None]:
    """Suppress the library's logs, which contain addresses, and its warnings."""
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
