"""Many organizations end to end: data fetched from the sandbox, reports rendered and archived, emails built."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from reporter.archive.store import Archive
from reporter.cli import setup
from reporter.config.settings import Overrides
from reporter.delivery.outbox import OutboxChannel
from reporter.delivery_service import DeliveryService
from reporter.domain.mailbox import Mailbox
from reporter.domain.snapshot import Block, Organization, Snapshot
from reporter.domain.window import Period, Window, last_complete
from reporter.ledger.opening import open_ledger
from reporter.message_composition import SenderSettings
from reporter.outcome import ReportStatus
from reporter.pipeline import RunContext, run_all
from reporter.planning import PlannedReport
from reporter.rendering.worker import RenderPool
from reporter.sandbox.source import SandboxSource

MONTHS = (datetime(2026, 4, 4, 12, tzinfo=UTC), datetime(2026, 5, 4, 12, tzinfo=UTC))


class Branches(SandboxSource):
    """A source in which each organization has any number of branches: `<id>/<number>` has the figures of `<id>`."""

    async def snapshot(self, organization: Organization, window: Window, blocks: frozenset[Block]) -> Snapshot:
        """The organization's snapshot for each of its branches."""
        return await super().snapshot(_whole(organization), window, blocks)

    async def currencies(self, organization: Organization, start: datetime, end: datetime) -> frozenset[str]:
        """The organization's currencies for each of its branches."""
        return await super().currencies(_whole(organization), start, end)


def _whole(branch: Organization) -> Organization:
    return replace(branch, id=branch.id.rpartition("/")[0])


async def run_reports(count: int) -> tuple[float, float]:
    """Wall time in seconds for this many organizations' monthly reports, from the first request to the last email.

    The first value is for a month whose whole history is requested from the API, the second for the next month, whose
    history is in the archive.
    """
    with TemporaryDirectory() as folder:
        source = Branches(MONTHS[-1])
        organizations = await source.organizations()
        archive = Archive(Path(folder))
        with open_ledger(archive.root, None, run="benchmark", clock=setup.machine_clock, sends=False) as book:
            async with RenderPool(count) as pool:
                chosen = [organizations[number % len(organizations)] for number in range(count)]
                post = SenderSettings(OutboxChannel(), Mailbox("Reports", "reports@example.com"), rehearsal=True)
                first, following = (
                    RunContext(source, archive, pool, DeliveryService(archive, book, post), now) for now in MONTHS
                )
                return await _timed(chosen, first), await _timed(chosen, following)


async def _timed(organizations: Sequence[Organization], tools: RunContext) -> float:
    planned = [_planned(organization, number, tools.now) for number, organization in enumerate(organizations)]
    began = time.perf_counter()
    outcomes, _ = await run_all(planned, tools)
    if failed := [outcome for outcome in outcomes if outcome.status is ReportStatus.FAILED]:
        raise RuntimeError(failed[0].note)
    return time.perf_counter() - began


def _planned(organization: Organization, number: int, now: datetime) -> PlannedReport:
    config = setup.demo_configuration(Overrides(period="month"), None).sound().defaults
    branch = Organization(f"{organization.id}/{number}", f"{organization.name} {number:03}")
    return PlannedReport(branch, config, last_complete(Period.MONTH, now.date(), config.timezone))


def seconds(count: int) -> tuple[float, float]:
    """`run_reports` in a fresh process without warm caches; the start of the process is not counted."""
    command = [sys.executable, "-m", "benchmarks.fleet", str(count)]
    done = subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[1])
    first, following = map(float, done.stdout.split())
    return first, following


if __name__ == "__main__":
    setup.configure_logs(quiet=True)
    print(*asyncio.run(run_reports(int(sys.argv[1]))))
