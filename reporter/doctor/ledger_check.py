"""Check of the ledger: it belongs to this archive, is intact and writable, and has no unresolved emails."""

from reporter.doctor.check_result import CheckResult, Subject, counted, problem, unchecked, warning, well
from reporter.domain.errors import ArchiveError, LedgerError
from reporter.ledger.database import VERSION
from reporter.ledger.inspection import Inspection, inspected
from reporter.ledger.opening import has_ledger, is_foreign, refuse_linked

_RECALL = "let `hyperrep-report resolve --from-receipts` make one of the archive's receipts"
_SHOWN = 5


def ledger(subject: Subject) -> CheckResult:
    """Check that runs can use the ledger; the check does not create one."""
    check, config = "ledger", subject.config
    if subject.doubts("output") or subject.doubts("ledger"):
        return unchecked(check, "where it lies is in doubt", "Mend the configuration first.")
    try:
        refuse_linked(config.output)
        if not has_ledger(config.output, config.ledger):
            return _none_yet(check, subject)
        found = inspected(config.output, config.ledger, subject.now)
        return _judged(check, found, is_foreign=is_foreign(config.output, found.identity))
    except (LedgerError, ArchiveError) as error:
        mend = f"Where a file is damaged, put back a copy of it, or move it away and {_RECALL}."
        advice = () if config.ledger else (mend,)
        return problem(check, "it cannot be used", str(error), *advice, exit_code=LedgerError.exit_code)


def _none_yet(check: str, subject: Subject) -> CheckResult:
    if is_foreign(subject.config.output, None):
        return _lost(check, f"{subject.config.output} holds reports, and the ledger that knows who got them is gone")
    return well(check, "there is none yet: the first run makes it")


def _lost(check: str, text: str) -> CheckResult:
    mend = f"Put the archive's ledger back, or {_RECALL}. Until then nothing is sent."
    return problem(check, text, mend, exit_code=LedgerError.exit_code)


def _judged(check: str, found: Inspection, *, is_foreign: bool) -> CheckResult:
    if found.flaws:
        text = f"{found.place} is damaged: {'; '.join(found.flaws)}"
        mend = f"Put back a copy of it, or move it away and {_RECALL}."
        return problem(check, text, mend, exit_code=LedgerError.exit_code)
    if found.version and found.version > VERSION:
        text = f"{found.place} is of a later version ({found.version}) than this program knows ({VERSION})"
        return problem(check, text, "Update hyperrep-report.", exit_code=LedgerError.exit_code)
    if is_foreign:
        return _lost(check, f"the archive holds reports, and {found.place} is not the ledger that knows who got them")
    return _settled(check, found)


def _settled(check: str, found: Inspection) -> CheckResult:
    """Result for an intact ledger, with what an operator should know."""
    text, mend = [f"{found.place} can be read and written"], []
    if found.version != VERSION:
        text.append("the next run makes its tables" if found.version is None else "the next run brings it up to date")
    if not found.is_logged:
        text.append("it keeps no write-ahead log, so a crash may cost it")
        mend.append("Keep the archive on a disk of this machine, not on one that is shared over a network.")
    if found.unresolved:
        text.append(f"nobody knows whether {counted(len(found.unresolved), 'mail')} arrived")
        shown = ", ".join(str(record.id) for record in found.unresolved[:_SHOWN])
        mend.append(f"Ask the readers, then settle each (`hyperrep-report resolve ID`), beginning with {shown}.")
    if found.forgotten:
        text.append(f"{counted(found.forgotten, 'deferred mail')} should have been tried again a day ago")
        mend.append("Have runs take place more often: `hyperrep-report schedule` prints what does that.")
    elif found.deferred:
        text.append(f"the next run tries {counted(found.deferred, 'deferred mail')} again")
    return warning(check, "; ".join(text), *mend) if mend else well(check, text="; ".join(text))
