"""Proof that the archive is as it was: its files against the manifest, its reports made again from their data."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from reporter import __version__
from reporter.archive.edition import DATA, PDF
from reporter.archive.lock import STATE, ArchiveLock
from reporter.archive.manifest import MANIFEST, Manifest, ManifestEntry, measured
from reporter.archive.rerender import TemplateGone
from reporter.codec import decode, parse, version_of
from reporter.domain.errors import ArchiveError, ReporterError, UsageError
from reporter.domain.report import ReportData
from reporter.files import is_unfinished, read
from reporter.rendering.producer import producer_of

Remake = Callable[[ReportData], Mapping[str, bytes]]
Watch = Callable[[Sequence[str]], Iterable[str]]
_LOOKS = 3
"""How often to look at what another process changes meanwhile."""
_ANNOUNCED = ManifestEntry("announced", -1)
"""Stands for the entry of a file that is about to change."""


class DiscrepancyKind(StrEnum):
    """What verification can find; the last three do not count against the archive."""

    CHANGED = "changed"
    MISSING = "missing"
    UNLISTED = "unlisted"
    LINK = "link"
    DIFFERS = "differs"
    UNREADABLE = "unreadable"
    UNFINISHED = "unfinished"
    """A run is writing it, or was stopped there: the next run records it."""
    NO_TEMPLATE = "no-template"
    """The template it was made with is not where it was, so that it cannot be made again."""
    OTHER_VERSION = "other-version"
    """Another version made the report, so that a difference proves nothing."""
    OTHER_LIBRARIES = "other-libraries"
    """Other system libraries rendered the PDF, so that a difference proves nothing: the manifest's hash does."""

    @property
    def is_error(self) -> bool:
        """Whether the archive is not as it was."""
        return self not in {DiscrepancyKind.UNFINISHED, DiscrepancyKind.OTHER_VERSION, DiscrepancyKind.OTHER_LIBRARIES}


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One file or edition, by its path relative to the root, and what is the matter with it."""

    path: str
    fault: DiscrepancyKind
    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what was found, in the order of the paths."""

    files: int
    editions: int
    findings: tuple[Discrepancy, ...]

    @property
    def is_well(self) -> bool:
        """Whether everything checked is as it was archived."""
        return not any(finding.fault.is_error for finding in self.findings)


def verify(root: Path, remake: Remake, *, below: Sequence[str] = ("",), watch: Watch = iter) -> Verification:
    """Check the archive at `root`, or what lies `below` these paths in it; nothing is written.

    `remake` makes an edition's files from its data; `watch` passes on the editions' paths, to show progress. Raises
    UsageError when there is no such archive, ArchiveError when its manifest cannot be read.
    """
    if not (root / MANIFEST).is_file():
        raise UsageError(f"{root} is no archive: it has no {MANIFEST}")
    manifest = Manifest(root, ArchiveLock(root))
    known = manifest.entries().keys() | set(_walk(root))
    paths = sorted(path for path in known if any(_is_below(path, folder) for folder in below))
    if not paths:
        raise UsageError(f"{root} has nothing archived below {', '.join(below)}")
    editions = [path.removesuffix(f"/{DATA}") for path in paths if path.endswith(f"/{DATA}")]
    of_files = _check_files(root, manifest, paths)
    of_editions = (_check_edition(root, path, remake) for path in watch(editions))
    findings = sorted([*of_files, *filter(None, of_editions)], key=lambda finding: finding.path)
    return Verification(len(paths), len(editions), tuple(findings))


def _check_files(root: Path, manifest: Manifest, paths: Sequence[str]) -> Iterator[Discrepancy]:
    """Each file against its entry. What changes while it is looked at, or is announced to, is looked at again."""
    moving = paths
    for _ in range(_LOOKS):
        before = _expected(manifest, moving)
        found = {path: measured(root, root / path) for path in moving}
        after = _expected(manifest, moving)
        still = [path for path in moving if before[path] == after[path] and after[path] is not _ANNOUNCED]
        yield from filter(None, (_compare(root / path, path, after[path], found[path]) for path in still))
        moving = sorted(set(moving) - set(still))
    for path in moving:
        yield Discrepancy(
            path, DiscrepancyKind.UNFINISHED, "a run is writing it, or was stopped: the next run records it"
        )


def _expected(manifest: Manifest, paths: Sequence[str]) -> dict[str, ManifestEntry | None]:
    """What the manifest says of each path: its entry, None, or that it is about to change."""
    announced, entries = manifest.unrecorded(), manifest.entries()
    return {path: _ANNOUNCED if path in announced else entries.get(path) for path in paths}


def _compare(place: Path, path: str, entry: ManifestEntry | None, found: ManifestEntry | None) -> Discrepancy | None:
    if place.is_symlink():
        return Discrepancy(path, DiscrepancyKind.LINK, "is a symbolic link, which the archive does not follow")
    if entry == found:
        return None
    if entry is None and is_unfinished(path):
        return Discrepancy(
            path, DiscrepancyKind.UNFINISHED, "a run is writing it, or was stopped: the next run there removes it"
        )
    if entry is None:
        return Discrepancy(path, DiscrepancyKind.UNLISTED, f"is not in {MANIFEST}")
    if found is None:
        return Discrepancy(path, DiscrepancyKind.MISSING, f"is in {MANIFEST} but not in the archive")
    return Discrepancy(path, DiscrepancyKind.CHANGED, f"is not what {MANIFEST} says was archived")


def _check_edition(root: Path, path: str, remake: Remake) -> Discrepancy | None:
    """The edition made again and compared; once more when its files changed meanwhile."""
    finding: Discrepancy | None = None
    for _ in range(_LOOKS):
        try:
            kept = {name: read(root, root / path / name) for name in (PDF, DATA)}
            finding = _remade(path, kept, remake)
            if finding is None or all(read(root, root / path / name) == kept[name] for name in kept):
                break
        except ArchiveError as error:
            finding = Discrepancy(path, DiscrepancyKind.UNREADABLE, str(error))
    return finding


def _remade(path: str, kept: Mapping[str, bytes], remake: Remake) -> Discrepancy | None:
    document: Mapping[str, Any] = {}
    try:
        document = parse(kept[DATA])
        files = remake(decode(document))
    except TemplateGone as error:  # its path held in the folder that the run took place in
        return _judged(path, document, DiscrepancyKind.NO_TEMPLATE, f"cannot be made again: {error}")
    except ReporterError as error:
        return _judged(path, document, DiscrepancyKind.UNREADABLE, f"cannot be made again from {DATA}: {error}")
    except Exception as error:  # noqa: BLE001 - data changed by other hands can break anything, for this edition alone
        return _judged(path, document, DiscrepancyKind.UNREADABLE, f"cannot be made again from {DATA}: {error!r}")
    differing = [name for name in kept if name in files and files[name] != kept[name]]
    if _is_foreign(document):
        differing = [name for name in differing if name == PDF]  # the data names its version
    if not differing:
        return None
    if differing == [PDF] and not _is_foreign(document) and (libraries := _other_libraries(kept[PDF], files[PDF])):
        return Discrepancy(path, DiscrepancyKind.OTHER_LIBRARIES, libraries)
    return _judged(path, document, DiscrepancyKind.DIFFERS, f"made again, it differs in {' and '.join(differing)}")


def _other_libraries(kept: bytes, remade: bytes) -> str | None:
    """How the libraries that a PDF names differ from those here, in words; None where it names none, or the same."""
    then, now = producer_of(kept), producer_of(remade)
    return None if then in {None, now} else f"made again, {PDF} differs: rendered by {then}; here {now}"


def _judged(path: str, document: Mapping[str, Any], fault: DiscrepancyKind, text: str) -> Discrepancy:
    """The finding, which is no fault where another version made the report."""
    if not _is_foreign(document):
        return Discrepancy(path, fault, text)
    return Discrepancy(
        path, DiscrepancyKind.OTHER_VERSION, f"{text}; version {version_of(document)} made it, this is {__version__}"
    )


def _is_foreign(document: Mapping[str, Any]) -> bool:
    return version_of(document) not in {__version__, None}


def _is_below(path: str, folder: str) -> bool:
    return folder in {"", ".", path} or path.startswith(f"{folder}/")


def _walk(root: Path) -> Iterator[str]:
    """Every file and symbolic link below `root`, relative to it, but for the manifest and the program's own state."""
    for folder, folders, files in os.walk(root):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in (*files, *links):
            path = Path(folder, name).relative_to(root)
            if path.parts[0] not in {MANIFEST, STATE}:
                yield path.as_posix()
