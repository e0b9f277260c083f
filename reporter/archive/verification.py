"""Verification of the archive: files are compared with the manifest, and reports are rendered again from their data."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from reporter import __version__
from reporter.archive.edition import DATA, PDF, edition_files
from reporter.archive.lock import STATE
from reporter.archive.manifest import MANIFEST, Manifest, ManifestEntry, existing_manifest, measured
from reporter.codec import decode, parse, version_of
from reporter.domain.errors import ArchiveError, ReporterError, UsageError
from reporter.domain.report import ReportData
from reporter.files import is_unfinished, read
from reporter.rendering.pdf import producer_of
from reporter.rendering.templates import is_stock, template_folder

Rerender = Callable[[ReportData], Mapping[str, bytes]]
Progress = Callable[[Sequence[str]], Iterable[str]]
_ATTEMPTS = 3
"""Attempts to check files that another process is changing."""
_ANNOUNCED = ManifestEntry("announced", -1)
"""Placeholder entry of a file that is about to change."""

_UNFINISHED = "a run is writing it, or was stopped: the next run"


class TemplateMissing(ArchiveError):
    """A report's template is missing, so the report cannot be rendered again."""


class DiscrepancyKind(StrEnum):
    """Kinds of findings; those excluded by `is_error` do not make the archive invalid."""

    CHANGED = "changed"
    MISSING = "missing"
    UNLISTED = "unlisted"
    LINK = "link"
    DIFFERS = "differs"
    UNREADABLE = "unreadable"
    UNFINISHED = "unfinished"
    """A run is writing it, or was stopped while writing; the next run records it."""
    NO_TEMPLATE = "no-template"
    """Its template is missing, so it cannot be rendered again."""
    OTHER_VERSION = "other-version"
    """Another version rendered the report, so a difference proves nothing."""
    OTHER_LIBRARIES = "other-libraries"
    """Other system libraries rendered the PDF, so a difference proves nothing; the manifest's hash does."""

    @property
    def is_error(self) -> bool:
        """Whether the finding makes the archive invalid."""
        return self not in {DiscrepancyKind.UNFINISHED, DiscrepancyKind.OTHER_VERSION, DiscrepancyKind.OTHER_LIBRARIES}


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A finding about one file or edition, by its path relative to the root."""

    path: str
    fault: DiscrepancyKind
    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Numbers of checked files and editions, and the findings sorted by path."""

    files: int
    editions: int
    findings: tuple[Discrepancy, ...]

    @property
    def is_valid(self) -> bool:
        """Whether there are no errors."""
        return not any(finding.fault.is_error for finding in self.findings)


def verify(root: Path, rerender: Rerender, *, below: Sequence[str] = ("",), progress: Progress = iter) -> Verification:
    """Check the archive at `root`, or only what is `below` these paths in it. Writes nothing.

    `rerender` renders an edition's files from its data; `progress` wraps the editions' paths to show progress. Raises
    UsageError if there is no such archive, and ArchiveError if its manifest cannot be read.
    """
    manifest = existing_manifest(root)
    known = manifest.entries().keys() | set(_walk(root))
    paths = sorted(path for path in known if any(_is_below(path, folder) for folder in below))
    if not paths:
        raise UsageError(f"{root} has nothing archived below {', '.join(below)}")
    editions = [path.removesuffix(f"/{DATA}") for path in paths if path.endswith(f"/{DATA}")]
    of_files = _check_files(root, manifest, paths)
    of_editions = (_check_edition(root, path, rerender) for path in progress(editions))
    findings = sorted([*of_files, *filter(None, of_editions)], key=lambda finding: finding.path)
    return Verification(len(paths), len(editions), tuple(findings))


def make_files(data: ReportData, own_template: str | None = None) -> Mapping[str, bytes]:
    """Render the edition's files from its data alone. Raises RenderError, and TemplateMissing if its template is.

    A template that does not come with the software is identified by its folder, which may have moved; `own_template` is
    its current folder.
    """
    from reporter.rendering.render import make_view, typeset  # noqa: PLC0415 - only in the process that renders

    name = data.settings.template
    place = own_template if own_template and not is_stock(name) else name
    try:
        template_folder(place)
    except UsageError as error:
        raise TemplateMissing(f"its template, '{name}', is not here: give its folder with --template DIR") from error
    return edition_files(typeset(data, make_view(data), place))


def _check_files(root: Path, manifest: Manifest, paths: Sequence[str]) -> Iterator[Discrepancy]:
    """Compare each file with its entry. Files that change meanwhile, or are announced to, are checked again."""
    moving = paths
    for _ in range(_ATTEMPTS):
        before = _expected(manifest, moving)
        found = {path: measured(root, root / path) for path in moving}
        after = _expected(manifest, moving)
        still = [path for path in moving if before[path] == after[path] and after[path] is not _ANNOUNCED]
        yield from filter(None, (_compare(root / path, path, after[path], found[path]) for path in still))
        moving = sorted(set(moving) - set(still))
    for path in moving:
        yield Discrepancy(path, DiscrepancyKind.UNFINISHED, f"{_UNFINISHED} records it")


def _expected(manifest: Manifest, paths: Sequence[str]) -> dict[str, ManifestEntry | None]:
    """The manifest's entry for each path: None if unlisted, `_ANNOUNCED` if it is about to change."""
    announced, entries = manifest.unrecorded(), manifest.entries()
    return {path: _ANNOUNCED if path in announced else entries.get(path) for path in paths}


def _compare(place: Path, path: str, entry: ManifestEntry | None, found: ManifestEntry | None) -> Discrepancy | None:
    if place.is_symlink():
        return Discrepancy(path, DiscrepancyKind.LINK, "is a symbolic link, which the archive does not follow")
    if entry == found:
        return None
    if entry is None and is_unfinished(path):
        return Discrepancy(path, DiscrepancyKind.UNFINISHED, f"{_UNFINISHED} removes it")
    if entry is None:
        return Discrepancy(path, DiscrepancyKind.UNLISTED, f"is not in {MANIFEST}")
    if found is None:
        return Discrepancy(path, DiscrepancyKind.MISSING, f"is in {MANIFEST} but not in the archive")
    return Discrepancy(path, DiscrepancyKind.CHANGED, f"is not what {MANIFEST} says was archived")


def _check_edition(root: Path, path: str, rerender: Rerender) -> Discrepancy | None:
    """Render the edition again and compare it; repeat if its files changed meanwhile."""
    finding: Discrepancy | None = None
    for _ in range(_ATTEMPTS):
        try:
            stored = {name: read(root, root / path / name) for name in (PDF, DATA)}
            finding = _compare_rendering(path, stored, rerender)
            if finding is None or all(read(root, root / path / name) == stored[name] for name in stored):
                break
        except ArchiveError as error:
            finding = Discrepancy(path, DiscrepancyKind.UNREADABLE, str(error))
    return finding


def _compare_rendering(path: str, stored: Mapping[str, bytes], rerender: Rerender) -> Discrepancy | None:
    """The finding about an edition, which is not an error if another version rendered the report."""
    version = None
    try:
        document = parse(stored[DATA])
        version = version_of(document) or __version__
        files = rerender(decode(document))
    except TemplateMissing as error:  # a relative path is valid only in the run's working directory
        fault, text = DiscrepancyKind.NO_TEMPLATE, f"cannot be rendered again: {error}"
    except ReporterError as error:
        fault, text = DiscrepancyKind.UNREADABLE, f"cannot be rendered again from {DATA}: {error}"
    except Exception as error:  # noqa: BLE001 - tampered data can raise anything; only this edition fails
        fault, text = DiscrepancyKind.UNREADABLE, f"cannot be rendered again from {DATA}: {error!r}"
    else:
        names = (PDF, DATA) if version == __version__ else (PDF,)  # the data names its version
        differing = [name for name in names if files.get(name, stored[name]) != stored[name]]
        if not differing:
            return None
        fault, text = DiscrepancyKind.DIFFERS, f"rendered again, it differs in {' and '.join(differing)}"
        if differing == [PDF] and (then := producer_of(stored[PDF])) not in {None, now := producer_of(files[PDF])}:
            fault, text = DiscrepancyKind.OTHER_LIBRARIES, f"{text}: rendered by {then}; here {now}"
    if version in {__version__, None}:
        return Discrepancy(path, fault, text)
    text = f"{text}; version {version} rendered it, this is {__version__}"
    return Discrepancy(path, DiscrepancyKind.OTHER_VERSION, text)


def _is_below(path: str, folder: str) -> bool:
    return folder in {"", ".", path} or path.startswith(f"{folder}/")


def _walk(root: Path) -> Iterator[str]:
    """Every file and symbolic link below `root`, relative to it, except the manifest and the program's own state."""
    for folder, folders, files in os.walk(root):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in (*files, *links):
            path = Path(folder, name).relative_to(root)
            if path.parts[0] not in {MANIFEST, STATE}:
                yield path.as_posix()
