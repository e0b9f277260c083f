"""The sandbox as a source of reports, without HTTP: for demos, previews, template checks, and `doctor`."""

from datetime import datetime

from reporter.domain.snapshot import Block, Organization, Snapshot, endpoints
from reporter.domain.window import Window
from reporter.hyperrep.responses import parse_snapshot
from reporter.sandbox.analytics import ANALYTICS
from reporter.sandbox.events import TimeSpan, instant
from reporter.sandbox.world import World


class SandboxSource:
    """Every organization of the sandbox, as known at `now`."""

    def __init__(self, now: datetime) -> None:
        self._world = World()
        self._now = instant(now)

    async def organizations(self) -> tuple[Organization, ...]:
        """The organizations, the demo's first."""
        return tuple(Organization(each.id, each.name) for each in self._world.organizations)

    async def snapshot(self, organization: Organization, window: Window, blocks: frozenset[Block]) -> Snapshot:
        """The analytics of one window, which must have ended by `now`."""
        history, span = self._world.history(organization.id), TimeSpan(instant(window.start), instant(window.end))
        return parse_snapshot(window, {path: ANALYTICS[path](history, span, self._now) for path in endpoints(blocks)})

    async def currencies(self, organization: Organization, start: datetime, end: datetime) -> frozenset[str]:
        """The currencies of the sales from `start` to `end`."""
        sales = self._world.history(organization.id).listed_sales(TimeSpan(instant(start), instant(end)), self._now)
        return frozenset(sale.currency for sale in sales)
