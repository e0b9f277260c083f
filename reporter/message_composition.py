"""Compose the emails of a finished edition, one per recipient, each with its file name in the archive."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import structlog

from reporter.archive.edition import mail_file
from reporter.delivery.channel import DeliveryKey, EmailContent, Transport
from reporter.delivery.deliver import OutgoingMessage, prepare
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
    """The transport and the sender's addresses. In a `rehearsal`, nothing is sent or recorded."""

    transport: Transport
    sender: Mailbox
    reply_to: Mailbox | None = None
    rehearsal: bool = False


def key_of(report: PlannedReport, recipient: Mailbox, revision: int) -> DeliveryKey:
    """The key of this revision's message to a recipient."""
    return DeliveryKey(report.organization.id, report.window.period, report.window.label, recipient.canonical, revision)


def mails(
    report: PlannedReport,
    document: RenderedReport,
    data: ReportData,
    post: SenderSettings,
    *,
    revision: int,
    files: Mapping[str, str],
) -> tuple[OutgoingMessage, ...]:
    """The message to each recipient; `files` has the file names of recipients that already have one."""
    mail = mail_of(document, data)
    made = (
        prepare(mail, key_of(report, to, revision), file, sender=post.sender, to=to, reply_to=post.reply_to)
        for to, file in _placed(report.config.recipients, files).items()
    )
    return tuple(replace(each, domains=report.config.allowed_domains) for each in made)


def mail_of(document: RenderedReport, data: ReportData) -> EmailContent:
    """The email for the document, without a recipient."""
    view = document.view
    images = email_images(data.settings.brand, document.html)
    issued = local_midnight(data.made_on, data.window.timezone)
    return EmailContent(
        view.subject, document.text, document.html, document.attached, view.filename, view.language, issued, images
    )


def spooled(outgoing: OutgoingMessage, record: MessageRecord | None, folder: Path) -> OutgoingMessage:
    """The message exactly as a server has seen it before, if it is unchanged in the archive."""
    if record is None or record.file is None or record.message_id is None:
        return outgoing
    path = folder / record.file
    wire = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    if hashlib.sha256(wire).hexdigest() != record.sha256:
        log.warning("mail.remade", file=str(path), reason="the mail that was tried before is gone or was changed")
        return outgoing
    return replace(outgoing, wire=wire, file=record.file, message_id=record.message_id)


def _placed(recipients: tuple[Mailbox, ...], files: Mapping[str, str]) -> dict[Mailbox, str]:
    """A file name for each recipient: the existing one, or the first that is free."""
    free = (name for position in count() if (name := mail_file(position)) not in files.values())
    return {to: files.get(to.canonical) or next(free) for to in recipients}
