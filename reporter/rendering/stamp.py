"""What a report that is not an ordinary one says of itself: in its head, its title and its mail's subject."""

from reporter.domain.report import Revision, Stamp
from reporter.rendering.text import clean
from reporter.rendering.translation import Words
from reporter.rendering.view import NoteView

REASON_LIMIT = 160
"""Characters of an operator's reason that a document shows: page 1 has room for them in the widest letters."""


def stamp_note(words: Words, stamp: Stamp | None) -> NoteView | None:
    """What the report is, and why; None for an ordinary one."""
    if stamp is None:
        return None
    if isinstance(stamp, Revision):
        term = words("Revised report, version %(number)s", number=words.digits(stamp.number))
        return NoteView(term, words.apart(clean(stamp.reason, REASON_LIMIT)) or words("no reason was given"))
    return NoteView(words("Test"), words("this report was sent to try the delivery and is not meant for its readers"))


def stamped(words: Words, stamp: Stamp | None, subject: str) -> str:
    """The subject, which begins with what the report is."""
    if stamp is None:
        return subject
    if isinstance(stamp, Revision):
        return words("Revised: %(subject)s", subject=subject)
    return words("Test: %(subject)s", subject=subject)
