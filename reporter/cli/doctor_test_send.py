"""Implementation of `doctor --send-test`: send one report end to end to an operator, reported as a check."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reporter.archive.store import Archive
from reporter.cli import running, setup
from reporter.config.load import LoadedConfig
from reporter.config.settings import Config
from reporter.delivery.channel import DeliveryStatus
from reporter.doctor.check_result import CheckResult, problem, well
from reporter.domain.errors import DeliveryError, ReporterError, UsageError
from reporter.domain.mailbox import outside, reader
from reporter.domain.snapshot import Organization
from reporter.ledger.opening import open_ledger
from reporter.planning import PlannedReport, Selection, choose
from reporter.rendering.render_pool import RenderPool
from reporter.rendering.templates import template_folder
from reporter.test_send import TestSendContext, TestSendResult, send_trial

CHECK = "test mail"
_ENDS = {
    DeliveryStatus.UNKNOWN: (4, "nobody knows whether it was delivered", "Look into the mailbox for it."),
    DeliveryStatus.DEFERRED: (75, "the mail server does not take it yet", "Send another test later."),
    DeliveryStatus.PLANNED: (75, "the mail server takes no mail now", "Mend that, then send another test."),
    DeliveryStatus.FAILED: (1, "it cannot be delivered", "Mend that, then send another test."),
}
"""For a test send that was not accepted: the exit code, its meaning, and the fix."""


@dataclass(frozen=True, slots=True)
class TestSendOptions:
    """Recipient of a test send, and the organization it reports on (default: the first configured one)."""

    to: str
    organization: str | None = None


def address(text: str) -> str:
    """The address, validated before any check runs. Raises UsageError."""
    try:
        reader(text)
    except DeliveryError as error:
        raise UsageError(f"--send-test: {error}") from error
    return text


def tried(wish: TestSendOptions, examined: LoadedConfig) -> CheckResult:
    """Result of a test send; anything that prevents it is reported as a problem."""
    try:
        config = examined.sound()
        report, end = asyncio.run(_tried(wish, config, setup.clock()))
    except ReporterError as error:
        return problem(CHECK, "it was not sent", *str(error).splitlines(), exit_code=error.exit_code)
    return _judged(report, end, config)


async def _tried(wish: TestSendOptions, config: Config, now: datetime) -> tuple[PlannedReport, TestSendResult]:
    if config.key is None:
        raise UsageError(f"There is no API key: {setup.NO_KEY}.")
    if config.smtp is None:
        raise UsageError("There is no mail server: set [smtp] or HYPERREP_SMTP_HOST.")
    archive = Archive(config.output)
    archive.check_writable()
    post = running.post(config, is_demo=False, is_rehearsal=False)
    try:
        async with setup.source(config, now, is_demo=False) as api, RenderPool(1) as pool:
            report = _planned(wish, config, await api.organizations(), now)
            run, clock = uuid.uuid4().hex, setup.machine_clock
            with open_ledger(archive.root, config.ledger, run=run, clock=clock, sends=True) as book:
                bench = TestSendContext(api, book, pool, archive.root, post, now)
                return report, await send_trial(report, wish.to, bench)
    finally:
        post.transport.close()


def _planned(wish: TestSendOptions, config: Config, known: Sequence[Organization], now: datetime) -> PlannedReport:
    """The organization's latest report. Operators may get it at any domain, others only at an allowed one."""
    names = (wish.organization,) if wish.organization else ()
    organization, report = choose(Selection(names), config.reports, config.defaults, known)[0]
    template_folder(report.template)
    if reader(wish.to) in {reader(each) for each in config.ops.recipients}:
        report = replace(report, allowed_domains=None)
    if reason := outside(wish.to, report.allowed_domains):
        raise UsageError(f"{reason}, or name the address in `recipients` of [ops]")
    return PlannedReport(organization, report, setup.window(report, now, as_of=None))


def _judged(report: PlannedReport, end: TestSendResult, config: Config) -> CheckResult:
    delivery = end.delivery
    what = f"{report.organization.title}, {report.window.period} {report.window.label}, to {delivery.recipient}"
    where = f"kept as {config.output / end.path}"
    if delivery.status is DeliveryStatus.ACCEPTED:
        look = "Look whether it arrived, and not as spam: its Authentication-Results tell of SPF, DKIM and DMARC."
        return replace(well(CHECK, f"{what}: taken by the mail server ({delivery.reply}), {where}"), mend=(look,))
    exit_code, meaning, mend = _ENDS[delivery.status]
    return problem(CHECK, f"{what}: {meaning} ({delivery.reply}), {where}", mend, exit_code=exit_code)
