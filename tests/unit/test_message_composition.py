"""The emails of an edition: one per recipient, each with its own file and identity."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy

from reporter.config.load import load_environment
from reporter.config.settings import Overrides
from reporter.delivery.message import OutgoingMessage
from reporter.delivery.outbox import OutboxChannel
from reporter.domain.mailbox import Mailbox, read_mailbox
from reporter.domain.window import Period, last_complete
from reporter.message_composition import SenderSettings, compose, email_content
from reporter.planning import PlannedReport
from reporter.rendering.rendered_report import ReportFiles, make_document
from tests.unit.archive.samples import ACME, report

CEO, CFO, CTO = "ceo@acme.example", "Carla <cfo@acme.example>", "cto@acme.example"
WINDOW = last_complete(Period.MONTH, date(2026, 5, 4), "America/New_York")
CONFIG = load_environment({}, Overrides()).defaults
DATA = report(window=WINDOW)
DOCUMENT = make_document(DATA, files=ReportFiles(b"%PDF-1.7", b"{}"))
POST = SenderSettings(OutboxChannel(), Mailbox("Reports", "reports@example.com"), Mailbox("", "ada@example.com"))


def made(
    *recipients: str, revision: int = 1, files: Mapping[str, str] | None = None, post: SenderSettings = POST
) -> tuple[OutgoingMessage, ...]:
    """The emails of April's report to these recipients."""
    planned = PlannedReport(ACME, replace(CONFIG, recipients=tuple(map(read_mailbox, recipients))), WINDOW)
    return compose(planned, email_content(DOCUMENT, DATA), post, revision, files or {})


def test_each_recipient_has_a_mail_of_their_own() -> None:
    """Emails are in order, each with one recipient, its own file, and its own identity."""
    outgoing = made(CEO, CFO)
    assert [mail.file for mail in outgoing] == ["email.eml", "email-02.eml"]
    assert [mail.key.recipient for mail in outgoing] == [CEO, read_mailbox(CFO).canonical]
    assert len({mail.message_id for mail in outgoing}) == 2
    messages = [message_from_bytes(mail.wire, policy=policy.default) for mail in outgoing]
    assert [message["To"] for message in messages] == [CEO, CFO]
    assert {(message["From"], message["Reply-To"]) for message in messages} == {(str(POST.sender), str(POST.reply_to))}


def test_without_recipients_there_is_no_mail() -> None:
    """Without recipients, no email is composed."""
    assert made() == ()


def test_who_has_a_file_keeps_it() -> None:
    """A later run with other recipients overwrites no existing file."""
    outgoing = made(CTO, CFO, CEO, files={CEO: "email.eml", "gone@acme.example": "email-02.eml"})
    assert {mail.key.recipient: mail.file for mail in outgoing} == {
        CTO: "email-03.eml",
        read_mailbox(CFO).canonical: "email-04.eml",
        CEO: "email.eml",
    }


def test_the_same_mail_is_the_same_message() -> None:
    """Composed again, an email has the same bytes; for another revision, it is a different message."""
    assert made(CEO) == made(CEO)
    assert made(CEO)[0].message_id != made(CEO, revision=2)[0].message_id


def test_the_date_is_that_of_the_figures() -> None:
    """The email's date is midnight of the day of the API request, in the report's time zone; no clock is read."""
    (mail,) = made(CEO)
    message = message_from_bytes(mail.wire, policy=policy.default)
    assert message["Date"].datetime.isoformat() == "2026-04-29T00:00:00-04:00"
    assert message["Subject"].startswith("Acme Roofing, ")
