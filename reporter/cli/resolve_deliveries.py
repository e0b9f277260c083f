"""Implementation of `resolve`: list emails, settle them, or rebuild them from the archive's receipts."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from reporter.cli import setup, summary
from reporter.cli.history_output import Place, refuse_absent
from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import UsageError
from reporter.domain.snapshot import title
from reporter.ledger.ledger import Ledger
from reporter.ledger.message_history import unresolved
from reporter.ledger.opening import bind, open_ledger
from reporter.ledger.record import MessageRecord
from reporter.ledger.recovery import rebuild, recall
from reporter.ledger.resolution import confirm, send_again

NEEDS_A_PERSON = 4


def listed(place: Place) -> int:
    """Print the emails that need a decision, and return the exit code."""
    refuse_absent(place)
    with _book(place) as book, book.database.transaction() as at:
        return _told(unresolved(at))


def settle(place: Place, deliveries: Sequence[int], note: str, *, sent: bool) -> int:
    """Settle these emails as the operator decided, and return the exit code."""
    refuse_absent(place)
    with _book(place) as book:
        settled = (confirm if sent else send_again)(book, deliveries, note)
    summary.say("\n".join(_line(record) for record in settled))
    if any(record.state is DeliveryStatus.FAILED for record in settled):
        summary.say("Of what is failed there is a later revision: `hyperrep-report history` tells what became of that.")
    if planned := [record for record in settled if record.state is DeliveryStatus.PLANNED]:
        windows = ", ".join(dict.fromkeys(f"{record.period} {record.label}" for record in planned))
        summary.say(f"Sent by the next run for {windows}; for a past one, give that run --as-of with a date after it.")
    return 0


def recover(place: Place, *, rehearsal: bool) -> int:
    """Rebuild the ledger from the archive's receipts, bind the archive to it, and return the exit code."""
    root, _ = place
    if not root.is_dir():
        raise UsageError(f"{root} is no archive: --output names another.")
    recalled = recall(root)
    with _book(place) as book:
        noted = rebuild(book, recalled, rehearsal=rehearsal)
        if not rehearsal:
            bind(root, book.database)
        with book.database.transaction() as at:
            doubtful = unresolved(at)
    for each in noted:
        key = each.key
        summary.say(f"{title(each.organization)}, {key.period} {key.label}: {key.recipient}: {each.state}")
    verb = "would be noted" if rehearsal else "noted"
    summary.say(f"The archive tells of {len(recalled)} mails, {len(noted)} {verb}.")
    return 0 if rehearsal else _told(doubtful)


@contextmanager
def _book(place: Place) -> Iterator[Ledger]:
    """The ledger for a run that sends nothing; the claims of runs that died are recovered first."""
    root, address = place
    with open_ledger(root, address, run=uuid.uuid4().hex, clock=setup.machine_clock, sends=False) as book:
        yield book


def _told(records: Sequence[MessageRecord]) -> int:
    if not records:
        summary.say("No mail needs a person.")
        return 0
    summary.say("Nobody knows whether these were delivered. Ask the reader, then --sent or --resend with the ID:")
    for record in records:
        summary.say(f"{_line(record)}\n      {record.message_id}: {record.reply}")
    return NEEDS_A_PERSON


def _line(record: MessageRecord) -> str:
    return f"{record.id:>5}  {record.title}: {record.state}"
