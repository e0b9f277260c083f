"""Data from earlier editions: the windows before a report's, and how the latest of them were reported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from reporter.archive.store import Archive
from reporter.codec import decode, parse
from reporter.domain.errors import ArchiveError
from reporter.domain.report import HISTORY, ReportData
from reporter.domain.snapshot import Organization, Snapshot
from reporter.domain.window import Window

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EarlierReports:
    """`snapshots` are windows as last fetched from the API; `reported` are windows as reported to recipients."""

    snapshots: Mapping[Window, Snapshot] = field(default_factory=dict)
    reported: tuple[Snapshot, ...] = ()


def recall(
    archive: Archive, organization: Organization, window: Window, *, revision: int, figures: Iterable[str]
) -> EarlierReports:
    """Read the windows before `window` from the archive; of several editions, the latest takes precedence.

    From `revision` 2 on, recipients already have an edition of this window, so it counts as reported too. Editions that
    lack one of the `figures` do not count as reported. Unreadable editions are skipped with a warning, and their data
    comes from the API.
    """
    known: dict[Window, Snapshot] = {}
    reported = []
    earlier = window.history(HISTORY)
    told = {window, earlier[-1]}
    for place in (*((window,) if revision > 1 else ()), *reversed(earlier)):
        if place not in told and known.keys() >= set(earlier):
            break
        edition = _edition(archive, organization, place, before=revision if place == window else 1)
        if edition is None or edition.window != place:
            continue
        if place in told and set(figures) <= set(edition.settings.figures):
            reported.append(edition.current)
        for snapshot in edition.snapshots:
            if snapshot is not None:
                known.setdefault(snapshot.window, snapshot)
    return EarlierReports(known, tuple(reported))


def _edition(archive: Archive, organization: Organization, window: Window, *, before: int) -> ReportData | None:
    try:
        content = archive.data(organization, window, before=before)
        return decode(parse(content)) if content is not None else None
    except ArchiveError as error:
        log.warning("archive.unread", window=window.label, reason=str(error))
        return None
