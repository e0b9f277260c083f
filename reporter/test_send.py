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
from reporter.delivery.message import EmailContent, prepare
from reporter.delivery_service import deliver
from reporter.domain.mailbox import Mailbox
from reporter.domain.report import MarkedAsTest
from reporter.fetch import Source, fetch
from reporter.files import explained, make_folder, refuse_links, write
from reporter.ledger.ledger import Ledger
from reporter.message_composition import SenderSettings, email_content, key_of
from reporter.planning import PlannedReport
from reporter.rendering.rendered_report import make_document
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
    sender: SenderSettings
    now: datetime


@dataclass(frozen=True, slots=True)
class TestSendResult:
    """The delivery of a test send, and the path of its email below the archive's root."""

    delivery: Delivery
    path: Path


async def send_test(report: PlannedReport, to: Mailbox, context: TestSendContext) -> TestSendResult:
    """Send a test report to this address.

    It is sent only to domains that the report's configuration allows. Raises ReporterError if it cannot be rendered.
    """
    made_on = context.now.astimezone(ZoneInfo(report.window.timezone)).date()
    data = replace(await fetch(context.source, report, made_on), stamp=MarkedAsTest())
    document = await context.pool.run(make_document, data, report.config.pdf_password)
    return await asyncio.to_thread(_send, report, to, context, email_content(document, data))


def _send(report: PlannedReport, to: Mailbox, context: TestSendContext, content: EmailContent) -> TestSendResult:
    number = _free_number(context.root, context.ledger.next_test())
    message = prepare(
        content,
        replace(key_of(report, to, number), purpose=Purpose.TEST),
        MAIL,
        sender=context.sender.sender,
        to=to,
        reply_to=context.sender.reply_to,
        domains=report.config.allowed_domains,
    )
    path = TESTS / str(number) / MAIL
    write(context.root, context.root / path, message.wire)
    context.ledger.plan([message.key], report.organization.name)
    return TestSendResult(deliver(message, context.ledger, context.sender.channel), path)


def _free_number(root: Path, first: int) -> int:
    """The first free number from `first` on; its folder is created, so that a concurrent test send takes another."""
    return next(number for number in count(first) if _is_created(root, root / TESTS / str(number)))


def _is_created(root: Path, folder: Path) -> bool:
    refuse_links(root, folder)
    with explained(folder, "created"):
        make_folder(folder.parent)
        try:
            folder.mkdir()
        except FileExistsError:
            return False
    return True
