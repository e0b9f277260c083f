"""The archive's front door: one static page that leads from organizations to periods to files, without a server."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined

from reporter.archive.edition import DATA, MAIL, PDF, RECEIPT
from reporter.hyperrep.snapshot import Organization, title
from reporter.window import DAY

INDEX = "index.html"
REASON_LIMIT = 160
"""Characters of an operator's reason that the page shows."""

_TONES = {"accepted": "good", "failed": "bad", "unknown": "bad", "deferred": "wait", "outbox": "wait"}


@dataclass(frozen=True, slots=True)
class Link:
    """A file of an edition: what it is called, and its relative, percent-encoded address."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Status:
    """How many of an edition's messages are in one state; `tone` is good, wait or bad."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """One edition: its window, its figures as printed (name and value), its messages and its files.

    `revision` is empty for the first; `reason` is why there is another.
    """

    label: str
    period: str
    first: str
    last: str
    language: str
    revision: str
    reason: str
    figures: tuple[tuple[str, str], ...]
    statuses: tuple[Status, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One organization's editions, the latest first."""

    name: str
    slug: str
    rows: tuple[Row, ...]


Owners = Sequence[tuple[str, Organization]]
"""Each organization with the name of its folder, in the order of the page."""

_State = tuple[tuple[str, int, int, int], ...]
"""What lies in an edition's folder: each name with its inode, its time of change and its size."""


class Index:
    """The page about every edition below `root`. What was read once is read again only where its folder has changed.

    So who calls `look` before taking the archive's lock holds it only as long as it takes to list the folders.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[Path, tuple[_State, Row]] = {}

    def look(self, owners: Owners) -> None:
        """Read every edition, whether or not others are writing; what they change meanwhile `page` reads again."""
        for slug, _ in owners:
            self._rows(slug)

    def page(self, owners: Owners) -> bytes:
        """The page as the archive is now; the same archive gives the same bytes."""
        environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        template = environment.from_string(package_files(__package__).joinpath("index.html.j2").read_text("utf-8"))
        shelves = [Shelf(owner.title, slug, self._rows(slug)) for slug, owner in owners]
        page = template.render(shelves=shelves, editions=sum(len(shelf.rows) for shelf in shelves))
        return page.encode("utf-8", "replace")

    def _rows(self, slug: str) -> tuple[Row, ...]:
        folders = (folder for period in _folders(self._root / slug) for folder in _folders(period))
        rows = [row for folder in folders if (row := self._row(folder))]
        return tuple(sorted(rows, key=lambda row: (row.last, row.first, row.label, row.period), reverse=True))

    def _row(self, folder: Path) -> Row | None:
        """The edition in this folder, None where there is none; its state is taken before it is read."""
        state = _state(folder)
        if not any(name == DATA for name, *_ in state):
            return None
        state_then, row = self._known.get(folder, ((), None))
        if row is None or state_then != state:
            row = _row(self._root, folder)
            self._known[folder] = state, row
        return row


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder, by name; none where it is gone. Links are not followed."""
    with suppress(OSError), os.scandir(folder) as entries:
        return sorted(Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False))
    return []


def _state(folder: Path) -> _State:
    """What lies in the folder but for links and what is unfinished; nothing where it changes under the eye."""
    with suppress(OSError), os.scandir(folder) as entries:
        kept = [entry for entry in entries if not entry.name.startswith(".") and not entry.is_symlink()]
        found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in kept]
        return tuple(sorted((name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in found))
    return ()


def _row(root: Path, folder: Path) -> Row:
    document = _document(folder / DATA)
    report = _mapping(document.get("report"))
    window = _mapping(report.get("window"))
    receipt = _document(folder / RECEIPT)
    revision = receipt.get("revision")
    return Row(
        label=folder.name,
        period=folder.parent.name,
        first=str(window.get("first", "")),
        last=_day_before(str(window.get("until", ""))),
        language=str(report.get("locale", "")).replace("_", "-"),
        figures=tuple(_figures(document.get("figures"))),
        revision=f"revision {revision}" if isinstance(revision, int) and revision > 1 else "",
        reason=title(str(receipt.get("reason") or ""), REASON_LIMIT),
        statuses=tuple(_statuses(receipt.get("deliveries"))),
        links=tuple(_links(root, folder)),
    )


def _figures(figures: Any) -> Iterator[tuple[str, str]]:
    for figure in map(_mapping, figures if isinstance(figures, list) else ()):
        if shown := figure.get("shown"):
            yield str(figure.get("name") or figure.get("key", "")), str(shown)


def _statuses(deliveries: Any) -> Iterator[Status]:
    """Each state with its number of messages; the addresses stay in the receipt."""
    entries = map(_mapping, deliveries if isinstance(deliveries, list) else ())
    counts = Counter(str(entry.get("status", "unknown")) for entry in entries)
    for status, count in sorted(counts.items()):
        yield Status(f"{count} {status}", _TONES.get(status, "wait"))


def _links(root: Path, folder: Path) -> Iterator[Link]:
    mails = sorted(path.name for path in folder.glob("email*.eml"))
    former = sorted(path.parent.name for path in folder.glob(f"revision-*/{PDF}"))
    names = [("PDF", PDF), *_numbered(mails), ("data", DATA), ("receipt", RECEIPT)]
    names += [(name.replace("-", " "), f"{name}/{PDF}") for name in former]
    for text, name in names:
        if (folder / name).is_file():
            yield Link(text, quote((folder / name).relative_to(root).as_posix()))


def _numbered(mails: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in mails:
        yield ("mail" if name == MAIL else f"mail {name.removeprefix('email-').removesuffix('.eml')}"), name


def _day_before(day: str) -> str:
    """A window's last date, the one a reader knows it by; empty when `day` is no date."""
    try:
        return (date.fromisoformat(day) - DAY).isoformat()
    except (ValueError, OverflowError):
        return ""


def _document(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file; empty when there is none, since a damaged file is for `verify` to report."""
    try:
        return _mapping(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
