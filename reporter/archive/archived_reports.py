"""Reports read back from the archive: for exports, and as the history of later reports. Sends and writes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from reporter.archive.edition import DATA
from reporter.archive.folders import Folders
from reporter.archive.manifest import existing_manifest
from reporter.archive.store import Archive
from reporter.codec import decode, parse
from reporter.domain.errors import ArchiveError, UsageError
from reporter.domain.report import HISTORY, ReportData
from reporter.domain.snapshot import Organization, Snapshot
from reporter.domain.window import Window
from reporter.files import explained, read

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EditionFilter:
    """Filter for editions; empty or None matches all. Organizations are given by id or name."""

    organizations: tuple[str, ...] = ()
    period: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ArchivedReport:
    """An edition's data, and the printed text of each of its metrics by key."""

    data: ReportData
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EarlierReports:
    """`snapshots` are windows as last fetched from the API; `reported` are windows as reported to recipients."""

    snapshots: Mapping[Window, Snapshot] = field(default_factory=dict)
    reported: tuple[Snapshot, ...] = ()


def find(root: Path, wanted: EditionFilter) -> Iterator[str]:
    """Find the matching editions' folders, relative to `root`, sorted by organization, period, and label.

    Raises UsageError if there is no archive at `root`, or no such organization in it.
    """
    owners = Folders(root, existing_manifest(root)).owners()
    for slug in _chosen(root, wanted.organizations, owners):
        for period in _folders(root / slug, wanted.period):
            for edition in _folders(period, wanted.label):
                if (edition / DATA).is_file():
                    yield edition.relative_to(root).as_posix()


def read_edition(root: Path, path: str) -> ArchivedReport:
    """Read the latest revision of the edition in the folder at `path` below `root`. Raises ArchiveError."""
    document = parse(read(root, root / path / DATA))
    return ArchivedReport(decode(document), dict(_shown(document.get("figures"))))


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


def _chosen(root: Path, asked: Sequence[str], owners: Sequence[tuple[str, Organization]]) -> list[str]:
    """The folders of the given organizations, or of all; ids take precedence over names, which ignore case."""
    chosen = {slug for name in asked for slug in _of(root, name, owners)}
    return [slug for slug, _ in owners if slug in chosen or not asked]


def _of(root: Path, asked: str, owners: Sequence[tuple[str, Organization]]) -> set[str]:
    by_id = {slug for slug, owner in owners if owner.id == asked}
    by_name = {slug for slug, owner in owners if owner.name.casefold() == asked.casefold()}
    if not by_id | by_name:
        known = ", ".join(f"'{owner.title}'" for _, owner in owners[:20]) or "nobody's"
        raise UsageError(f"{root} has no reports of '{asked[:60]}'; it has those of {known}.")
    return by_id or by_name


def _folders(folder: Path, name: str | None) -> list[Path]:
    """The subfolders of a folder, or only the one with this name; links are not followed."""
    with explained(folder, "read"):
        within = sorted(folder.iterdir())
    return [each for each in within if name in {None, each.name} and each.is_dir() and not each.is_symlink()]


def _shown(figures: Any) -> Iterator[tuple[str, str]]:
    for figure in figures if isinstance(figures, list) else ():
        if isinstance(figure, dict) and "key" in figure and "shown" in figure:
            yield str(figure["key"]), str(figure["shown"])


def _edition(archive: Archive, organization: Organization, window: Window, *, before: int) -> ReportData | None:
    try:
        content = archive.data(organization, window, before=before)
        return decode(parse(content)) if content is not None else None
    except ArchiveError as error:
        log.warning("archive.unread", window=window.label, reason=str(error))
        return None
