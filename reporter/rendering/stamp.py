"""Labels of revised reports and test sends, in the header, the title, and the email's subject."""

from reporter.domain.report import Revision, Stamp
from reporter.rendering.text import clean
from reporter.rendering.translation import Words
from reporter.rendering.view import NoteView

REASON_LIMIT = 160
"""Maximum length of an operator's reason in a document, in characters; fits on page 1 in the widest letters."""


def stamp_note(words: Words, stamp: Stamp | None) -> NoteView | None:
    """The report's label and reason; None for an ordinary report."""
    if stamp is None:
        return None
    if isinstance(stamp, Revision):
        term = words("Revised report, version %(number)s", number=words.digits(stamp.number))
        return NoteView(term, words.apart(clean(stamp.reason, REASON_LIMIT)) or words("no reason was given"))
    return NoteView(words("Test"), words("this report was sent to try the delivery and is not meant for its readers"))


def stamped(words: Words, stamp: Stamp | None, subject: str) -> str:
    """The subject, prefixed with the report's label."""
    if stamp is None:
        return subject
    if isinstance(stamp, Revision):
        return words("Revised: %(subject)s", subject=subject)
    return words("Test: %(subject)s", subject=subject)
