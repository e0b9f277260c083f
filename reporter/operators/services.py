"""Notices through services, be it a chat, a pager or a web hook, whose addresses hold secrets and are never shown."""

import logging
from dataclasses import dataclass

import structlog
from pydantic import SecretStr

from reporter.operators.interface import Notice

log = structlog.get_logger(__name__)

_PATIENCE = 20.0
"""Seconds for each service; they are told side by side."""


@dataclass(frozen=True, slots=True)
class ServiceChannel:
    """The services at these addresses, as Apprise reads them."""

    addresses: tuple[SecretStr, ...]

    def tell(self, notice: Notice) -> bool:
        """Whether any service has taken the notice."""
        from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType  # noqa: PLC0415 - heavy, seldom needed

        for name in ("apprise", "urllib3", "requests"):  # what they log names addresses
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        asset = AppriseAsset(service_timeout=_PATIENCE, allow_templates=False)
        asset.http_redirects = False
        services = Apprise(asset=asset)
        for position, address in enumerate(self.addresses, start=1):
            if not services.add(address.get_secret_value()):
                log.error("notice.failed", channel="services", reason=f"address {position} is none that Apprise knows")
        kind = NotifyType.FAILURE if notice.is_trouble else NotifyType.SUCCESS
        told = services.notify(notice.text, notice.title, kind, body_format=NotifyFormat.TEXT)
        for result in told.results:
            if not result:
                log.error("notice.failed", channel="services", service=result.name, reason="it took no notice from us")
        return bool(told.success_count)
