"""The archive's front door: one static page that leads from organizations to periods to files, without a server."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined

from reporter.archive.edition import DATA, MAIL, PDF, RECEIPT
from reporter.archive.files import link_on_the_way
from reporter.hyperrep.snapshot import Organization
from reporter.window import DAY

INDEX = "index.html"
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
    """One edition: its window, its figures as printed (name and value), its messages and its files."""

    label: str
    period: str
    first: str
    last: str
    language: str
    figures: tuple[tuple[str, str], ...]
    statuses: tuple[Status, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One organization's editions, the latest first."""

    name: str
    slug: str
    rows: tuple[Row, ...]


def index_page(root: Path, owners: Sequence[tuple[str, Organization]]) -> bytes:
    """The page about every edition below `root`; the same archive gives the same bytes."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(package_files(__package__).joinpath("index.html.j2").read_text("utf-8"))
    shelves = [Shelf(owner.title, slug, _rows(root, slug)) for slug, owner in owners]
    page = template.render(shelves=shelves, editions=sum(len(shelf.rows) for shelf in shelves))
    return page.encode("utf-8", "replace")


def _rows(root: Path, slug: str) -> tuple[Row, ...]:
    found = sorted(data for data in (root / slug).glob(f"*/*/{DATA}") if not link_on_the_way(root, data))
    rows = (_row(root, data.parent) for data in found)
    return tuple(sorted(rows, key=lambda row: (row.last, row.first, row.label, row.period), reverse=True))


def _row(root: Path, folder: Path) -> Row:
    document = _document(folder / DATA)
    report = _mapping(document.get("report"))
    window = _mapping(report.get("window"))
    return Row(
        label=folder.name,
        period=folder.parent.name,
        first=str(window.get("first", "")),
        last=_day_before(str(window.get("until", ""))),
        language=str(report.get("locale", "")).replace("_", "-"),
        figures=tuple(_figures(document.get("figures"))),
        statuses=tuple(_statuses(_document(folder / RECEIPT).get("deliveries"))),
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
