"""Rebuild a ledger from the archive, after it was lost or an older copy was restored.

A message that may have been sent never becomes sendable: of ledger and archive, the more cautious state wins.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES
from reporter.ledger.ledger import Ledger
from reporter.ledger.receipts import CARE, RecoveredDelivery
from reporter.ledger.state import MessageState
from reporter.ledger.writes import add, change, is_message

_NOTE = "from the archive's receipts"
_row = DELIVERIES.c


def rebuild(
    book: Ledger, recalled: Sequence[RecoveredDelivery], *, rehearsal: bool = False
) -> Sequence[RecoveredDelivery]:
    """Record and return what is new to the ledger or more cautious; a `rehearsal` records nothing."""
    note = _is_news if rehearsal else _noted
    with book.database.transaction() as at:
        return [each for each in recalled if note(at, book.run, each)]


def _is_news(at: Transaction, _run: str, recalled: RecoveredDelivery) -> bool:
    known = at.run(select(_row.state).where(is_message(recalled.key)).with_for_update()).scalar()
    return known is None or CARE.index(recalled.state) > CARE.index(MessageState(known))


def _noted(at: Transaction, run: str, recalled: RecoveredDelivery) -> bool:
    if not _is_news(at, run, recalled):
        return False
    mail = recalled.mail
    told: dict[str, Any] = {"state": recalled.state, "reply": recalled.reply, "note": _NOTE, "lease_until": None}
    told["next_try"] = at.now if recalled.state is MessageState.DEFERRED else None
    if mail:
        told |= {"message_id": mail.message_id, "file": mail.file, "sha256": mail.sha256}
    about: dict[str, Any] = {"organization": recalled.organization, "reason": recalled.reason}
    tried = int(recalled.state is not MessageState.PLANNED)
    fenced: dict[str, Any] = {"token": _row.token + 1, "attempts": _row.attempts + tried}
    return add(at, run, recalled.key, attempts=tried, **about, **told) or change(
        at, run, is_message(recalled.key), **fenced, **told
    )
