"""Checks of the archive's folder, and of its ledger: it is intact and writable, and has no unresolved emails."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from reporter.archive.lock import STATE
from reporter.doctor.check_result import CheckResult, Subject, counted, problem, unchecked, warning, well
from reporter.domain.errors import ArchiveError, LedgerError, UsageError
from reporter.ledger.database import VERSION
from reporter.ledger.inspection import Inspection, inspected
from reporter.ledger.opening import has_ledger, is_foreign, refuse_linked

LITTLE_SPACE, NO_SPACE = 500_000_000, 20_000_000
"""Free bytes below which to warn, and below which a run of some dozen reports may fail."""

_REBUILD = "let `hyperrep-report resolve --from-receipts` rebuild it from the archive's receipts"
_SHOWN = 5


def archive(subject: Subject) -> CheckResult:
    """Check that the archive's folder is writable, with a temporary file, and has free space."""
    root = subject.config.output
    if subject.is_faulty("output"):
        return unchecked("the configuration of its folder has errors")
    try:
        for folder in (root, root / STATE):
            with TemporaryDirectory(prefix=".", dir=_nearest(folder)):
                pass
        free = shutil.disk_usage(_nearest(root)).free
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        fix = "Give the user of the runs the right to write there, or name another folder with --output."
        return problem(f"{root} cannot be written: {reason}", fix, exit_code=UsageError.exit_code)
    return room(str(root), free)


def room(root: str, free: int) -> CheckResult:
    """Result for `free` bytes on the disk of the archive in `root`."""
    text = f"{root} can be written, {free / 1e9:.1f} GB are free"
    fix = "Free some space there, or name another folder with --output."
    if free < NO_SPACE:
        return problem(f"{root} has no room: {free / 1e6:.0f} MB are free", fix)
    return warning(text, fix) if free < LITTLE_SPACE else well(text)


def _nearest(folder: Path) -> Path:
    """The folder itself, or its nearest existing parent."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(place))


def ledger(subject: Subject) -> CheckResult:
    """Check that runs can use the ledger; the check does not create one."""
    config = subject.config
    if subject.is_faulty("output", "ledger"):
        return unchecked("the configuration of its place has errors")
    try:
        refuse_linked(config.output)
        if has_ledger(config.output, config.ledger):
            found = inspected(config.output, config.ledger, subject.now)
            return _judged(found, is_foreign=is_foreign(config.output, found.identity))
        if is_foreign(config.output, None):
            return _lost(f"{config.output} holds reports, but the ledger of their recipients is missing")
        return well("there is none yet: the first run creates it")
    except (LedgerError, ArchiveError) as error:
        fix = f"If a file is damaged, restore a copy of it, or move it away and {_REBUILD}."
        return _unusable("it cannot be used", str(error), *(() if config.ledger else (fix,)))


def _unusable(text: str, *fixes: str) -> CheckResult:
    return problem(text, *fixes, exit_code=LedgerError.exit_code)


def _lost(text: str) -> CheckResult:
    return _unusable(text, f"Restore the archive's ledger, or {_REBUILD}. Until then nothing is sent.")


def _judged(found: Inspection, *, is_foreign: bool) -> CheckResult:
    if found.flaws:
        text = f"{found.place} is damaged: {'; '.join(found.flaws)}"
        return _unusable(text, f"Restore a copy of it, or move it away and {_REBUILD}.")
    if found.version and found.version > VERSION:
        text = f"{found.place} is of a later version ({found.version}) than this program supports ({VERSION})"
        return _unusable(text, "Update hyperrep-report.")
    if is_foreign:
        return _lost(f"the archive holds reports, but {found.place} is not the ledger of their recipients")
    return _intact(found)


def _intact(found: Inspection) -> CheckResult:
    """Result for an intact ledger, with what an operator should know."""
    text, fixes = [f"{found.place} can be read and written"], []
    if found.version != VERSION:
        text.append(f"the next run {'creates' if found.version is None else 'updates'} its tables")
    if not found.is_logged:
        text.append("it has no write-ahead log, so a crash may damage it")
        fixes.append("Keep the archive on a local disk of this machine, not on a network share.")
    if found.unresolved:
        text.append(f"the delivery of {counted(len(found.unresolved), 'email')} is uncertain")
        shown = ", ".join(str(record.id) for record in found.unresolved[:_SHOWN])
        fixes.append(f"Ask the recipients, then resolve each (`hyperrep-report resolve ID`), beginning with {shown}.")
    if found.forgotten:
        text.append(f"{counted(found.forgotten, 'deferred email')} should have been retried a day ago")
        fixes.append("Schedule runs more often: `hyperrep-report schedule` prints a job that does.")
    elif found.deferred:
        text.append(f"the next run retries {counted(found.deferred, 'deferred email')}")
    return warning("; ".join(text), *fixes) if fixes else well("; ".join(text))
