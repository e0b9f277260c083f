"""Compose the emails of a finished edition, one per recipient, each with its file name in the archive."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import structlog

from reporter.archive.edition import mail_file
from reporter.delivery.channel import Channel, DeliveryKey, Email
from reporter.delivery.message import EmailContent, OutgoingMessage, prepare
from reporter.domain.mailbox import Mailbox
from reporter.domain.report import ReportData
from reporter.domain.window import local_midnight
from reporter.ledger.record import MessageRecord
from reporter.planning import PlannedReport
from reporter.rendering.brand import email_images
from reporter.rendering.rendered_report import RenderedReport

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """The channel and the sender's addresses. Up to `connections` emails are sent at the same time.

    In a `rehearsal`, nothing is sent or recorded.
    """

    channel: Channel[Email]
    sender: Mailbox
    reply_to: Mailbox | None = None
    connections: int = 1
    rehearsal: bool = False


def key_of(report: PlannedReport, recipient: Mailbox, revision: int) -> DeliveryKey:
    """The key of this revision's message to a recipient."""
    return DeliveryKey(report.organization.id, report.window.period, report.window.label, recipient.canonical, revision)


def compose(
    report: PlannedReport, content: EmailContent, sender: SenderSettings, revision: int, files: Mapping[str, str]
) -> tuple[OutgoingMessage, ...]:
    """The message to each recipient; `files` has the file names of recipients that already have one."""
    free = (name for position in count() if (name := mail_file(position)) not in files.values())
    return tuple(
        prepare(
            content,
            key_of(report, to, revision),
            files.get(to.canonical) or next(free),
            sender=sender.sender,
            to=to,
            reply_to=sender.reply_to,
            domains=report.config.allowed_domains,
        )
        for to in dict.fromkeys(report.config.recipients)
    )


def email_content(document: RenderedReport, data: ReportData) -> EmailContent:
    """The email for the document, without a recipient."""
    view = document.view
    images = email_images(data.settings.brand, document.html)
    issued = local_midnight(data.made_on, data.window.timezone)
    return EmailContent(
        view.subject, document.text, document.html, document.attached, view.filename, view.language, issued, images
    )


def as_archived(message: OutgoingMessage, record: MessageRecord | None, folder: Path) -> OutgoingMessage:
    """The message exactly as a server has seen it before, if it is unchanged in the archive."""
    if record is None or record.file is None or record.message_id is None:
        return message
    path = folder / record.file
    wire = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    if hashlib.sha256(wire).hexdigest() != record.sha256:
        log.warning("email.recomposed", file=str(path), reason="the email sent before is missing or was changed")
        return message
    return replace(message, wire=wire, file=record.file, message_id=record.message_id)
