"""`hyperrep-report verify`: check that the archive is unchanged and its data still renders its reports."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reporter.cli import options
from reporter.domain.errors import UsageError

if TYPE_CHECKING:
    from reporter.archive.verification import Verification


@click.command("verify")
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=click.Path(path_type=Path))
@options.output
@click.option(
    "--template",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Current folder of your own template, for reports that were rendered with one.",
)
@options.as_json
def command(folders: tuple[Path, ...], output: str | None, template: Path | None, *, as_json: bool) -> int:
    """Check the archive against its manifest, and render its reports again from their data to compare them.

    With FOLDERs, check only what was archived in them. Needs no network and no key. Exits with 0 if everything matches,
    1 if something differs, 2 if there is no such archive.
    """
    from reporter.archive.verification import make_files, verify
    from reporter.rendering.templates import template_folder
    from reporter.rendering.worker import Worker

    if folders and output:
        raise UsageError("--output and FOLDER both name an archive: give one of them")
    root, below = _archive_of(folders) if folders else (Path(output or "reports"), ("",))
    if template:
        template_folder(str(template))
    own_template = str(template) if template else None
    with Worker() as worker:  # untrusted archive: a report that crashes its process affects no other
        found = verify(root, lambda data: worker.run(make_files, data, own_template), below=below, progress=_progress)
    exit_code = 0 if found.is_valid else 1
    click.echo(_as_json(root, found, exit_code) if as_json else "\n".join(_lines(root, found)))
    return exit_code


def _archive_of(folders: Sequence[Path]) -> tuple[Path, tuple[str, ...]]:
    """The archive that holds these folders, and their paths in it. Raises UsageError if there is none."""
    places = [folder.resolve() for folder in folders]
    roots = {_root_of(place) for place in places}
    if len(roots) > 1:
        raise UsageError("The folders are in several archives: check one archive at a time")
    root = roots.pop()
    return root, tuple(place.relative_to(root).as_posix() for place in places)


def _root_of(place: Path) -> Path:
    if not place.is_dir():
        raise UsageError(f"{place} is not a folder: name an archive, or a folder in one")
    for folder in (place, *place.parents):
        if (folder / "manifest.json").is_file():
            return folder
    raise UsageError(f"{place} is in no archive: no folder above it has a manifest.json")


def _progress(editions: Sequence[str]) -> Iterable[str]:
    """The editions, with a count on the terminal while they are rendered again."""
    is_hidden = not sys.stderr.isatty()
    with click.progressbar(editions, label="Rendering reports again", file=sys.stderr, hidden=is_hidden) as bar:
        yield from bar


def _lines(root: Path, found: "Verification") -> Iterator[str]:
    for finding in found.findings:
        yield f"{finding.fault:<13} {_printable(finding.path)}: {_printable(finding.text)}"
    errors = sum(finding.fault.is_error for finding in found.findings)
    outcome = f"{errors} not as archived" if errors else "everything is as it was archived"
    yield f"{_printable(str(root))}: {found.files} files, {found.editions} reports; {outcome}"


def _as_json(root: Path, found: "Verification", exit_code: int) -> str:
    findings = [{**asdict(finding), "is_error": finding.fault.is_error} for finding in found.findings]
    counts = {"files": found.files, "editions": found.editions}
    return json.dumps({"archive": str(root), **counts, "findings": findings, "exit_code": exit_code}, indent=1)


def _printable(text: str) -> str:
    """The text, quoted if it holds control characters, since a file name may contain anything."""
    return text if text.isprintable() else repr(text)
