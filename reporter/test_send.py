"""Test send: the latest report is rendered and really sent, marked as a test, and recorded apart from other reports.

fetch ▸ render ▸ store the email ▸ deliver. It is not an edition: its email is stored in `.state/tests/<number>/`, where
nothing is archived, and its row in the ledger has its own purpose, so that no recipient's report counts as sent.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from reporter.archive.edition import MAIL
from reporter.archive.lock import STATE
from reporter.delivery.channel import Delivery, Purpose
from reporter.delivery.deliver import deliver, prepare
from reporter.domain.mailbox import Mailbox
from reporter.domain.report import MarkedAsTest, ReportData
from reporter.fetch import Source, fetch
from reporter.files import explained, make_folder, refuse_links, write
from reporter.ledger.ledger import Ledger
from reporter.message_composition import SenderSettings, key_of, mail_of
from reporter.planning import PlannedReport
from reporter.rendering.rendered_report import RenderedReport, make_document
from reporter.rendering.worker import RenderPool

TESTS = Path(STATE, "tests")
"""The folder of the test sends' emails, below the archive's root."""


@dataclass(frozen=True, slots=True)
class TestSendContext:
    """What a test send works with; `root` is the archive's."""

    source: Source
    ledger: Ledger
    pool: RenderPool
    root: Path
    post: SenderSettings
    now: datetime


@dataclass(frozen=True, slots=True)
class TestSendResult:
    """The delivery of a test send, and the path of its email below the archive's root."""

    delivery: Delivery
    path: Path


async def send_trial(report: PlannedReport, to: Mailbox, bench: TestSendContext) -> TestSendResult:
    """Send a test report to this address.

    It is sent only to domains that the report's configuration allows. Raises ReporterError if it cannot be rendered.
    """
    made_on = bench.now.astimezone(ZoneInfo(report.window.timezone)).date()
    data = replace(await fetch(bench.source, report, made_on), stamp=MarkedAsTest())
    document = await bench.pool.run(make_document, data, report.config.pdf_password)
    return await asyncio.to_thread(_sent, report, to, bench, data, document)


def _sent(
    report: PlannedReport, to: Mailbox, bench: TestSendContext, data: ReportData, document: RenderedReport
) -> TestSendResult:
    number = _taken(bench.root, bench.ledger.next_test())
    key = replace(key_of(report, to, number), purpose=Purpose.TEST)
    mail = prepare(mail_of(document, data), key, MAIL, sender=bench.post.sender, to=to, reply_to=bench.post.reply_to)
    path = TESTS / str(number) / MAIL
    write(bench.root, bench.root / path, mail.wire)
    bench.ledger.plan([key], report.organization.name)
    mail = replace(mail, domains=report.config.allowed_domains)
    return TestSendResult(deliver(mail, bench.ledger, bench.post.transport), path)


def _taken(root: Path, first: int) -> int:
    """The first free number from `first` on; its folder is created, so that a concurrent test send takes another."""
    for number in count(first):
        folder = root / TESTS / str(number)
        refuse_links(root, folder)
        with explained(folder, "made"):
            make_folder(folder.parent)
            try:
                folder.mkdir()
            except FileExistsError:
                continue
        return number
    raise AssertionError
