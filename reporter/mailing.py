"""From a finished edition to its finished mails, one per recipient, each with its place in the archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from reporter.archive.edition import mail_file
from reporter.delivery.address import reader
from reporter.delivery.deliver import Outgoing, prepare
from reporter.delivery.interface import DeliveryKey, Mail, Transport
from reporter.document.edition import Document
from reporter.plan import PlannedReport
from reporter.report import ReportData
from reporter.window import local_midnight


@dataclass(frozen=True, slots=True)
class Post:
    """How mail leaves: the transport, and whom it is from."""

    transport: Transport
    sender: str
    reply_to: str | None = None


def mails(
    report: PlannedReport, document: Document, data: ReportData, post: Post, *, revision: int, files: Mapping[str, str]
) -> tuple[Outgoing, ...]:
    """The message of each recipient; `files` names those that have a file of this edition already, and keep it."""
    view = document.view
    issued = local_midnight(data.made_on, data.window.timezone)
    mail = Mail(view.subject, document.text, document.html, document.pdf, view.filename, view.language, issued)
    return tuple(
        prepare(mail, _key(report, to, revision), file, sender=post.sender, to=to, reply_to=post.reply_to)
        for to, file in _placed(report.config.recipients, files).items()
    )


def _key(report: PlannedReport, to: str, revision: int) -> DeliveryKey:
    return DeliveryKey(report.organization.id, report.window.period, report.window.label, reader(to), revision)


def _placed(recipients: tuple[str, ...], files: Mapping[str, str]) -> dict[str, str]:
    """A file for each recipient: the one it has, else the first that is free."""
    free = (name for position in count() if (name := mail_file(position)) not in files.values())
    return {to: files.get(reader(to)) or next(free) for to in recipients}
