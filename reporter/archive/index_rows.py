"""The index row of one edition, read defensively from its folder, with texts as printed."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reporter.analysis.metrics import DEFAULT_FIGURES, FIGURES
from reporter.archive.edition import DATA, PDF, RECEIPT, is_mail_file
from reporter.codec import read_window
from reporter.domain.errors import ArchiveError, UsageError
from reporter.domain.snapshot import title
from reporter.domain.window import Window
from reporter.rendering.dates import window_name
from reporter.rendering.translation import Words, parse_locale

REASON_LIMIT = 160
"""Maximum length of an operator's reason on the page, in characters."""

LEADING = tuple(FIGURES[key][0] for key in DEFAULT_FIGURES)
"""The page's columns in order: the leading metric of each default figure."""

_PAGE_LOCALE = "en_GB"
"""The page is in English, regardless of the reports' languages."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and its change as in `report.json`."""

    key: str
    shown: str
    change: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a file of an edition: its text, and its relative, percent-encoded URL."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One edition: its figures and first headline as printed, its messages by status, and its files.

    `label` and `period` are folder names. `window` is the window's name, `first` and `last` are its dates in ISO 8601,
    empty if unknown. `language` is a BCP 47 tag; it and `direction` are empty and `auto` if unknown. `reason` says why
    there is a `revision` above 1. `more` links the emails to further recipients, and earlier revisions.
    """

    label: str
    period: str
    window: str
    first: str
    last: str
    language: str
    direction: str
    headline: str
    figures: tuple[Figure, ...]
    statuses: tuple[tuple[str, int], ...]
    revision: int
    reason: str
    receipt: str
    files: tuple[Link, ...]
    more: tuple[Link, ...]


def read_row(root: Path, folder: Path, names: Sequence[str]) -> IndexRow:
    """Read the row of the edition in `folder`, which contains these names; damaged parts are left out."""
    document, receipt = _document(folder / DATA), _document(folder / RECEIPT)
    report = _mapping(document.get("report"))
    revision = receipt.get("revision")
    mails = sorted(filter(is_mail_file, names), key=lambda name: (len(name), name))
    revisions = (name for name in names if name.startswith("revision-") and (folder / name / PDF).is_file())
    window, first, last = _window(report.get("window"), folder.name)
    language, direction = _language(report.get("locale"))
    shown = (("PDF", PDF), *(("Mail", mail) for mail in mails[:1]), ("Data", DATA))
    place = quote(folder.relative_to(root).as_posix())
    return IndexRow(
        label=folder.name,
        period=folder.parent.name,
        window=window,
        first=first,
        last=last,
        language=language,
        direction=direction,
        headline=next((_text(line) for line in _list(document.get("headlines"))), ""),
        figures=tuple(_figures(document.get("figures"))),
        statuses=tuple(sorted(Counter(_statuses(receipt.get("deliveries"), mails)).items())),
        revision=revision if isinstance(revision, int) else 1,
        reason=title(str(receipt.get("reason") or ""), REASON_LIMIT),
        receipt=f"{place}/{RECEIPT}" if RECEIPT in names else "",
        files=tuple(Link(text, f"{place}/{name}") for text, name in shown if name in names),
        more=tuple(Link(text, f"{place}/{quote(name)}") for text, name in _more(mails, sorted(revisions, key=_number))),
    )


def _more(mails: Sequence[str], former: Iterable[str]) -> Iterator[tuple[str, str]]:
    yield from ((f"Mail {number}", mail) for number, mail in enumerate(mails[1:], 2))
    yield from ((name.replace("-", " ").capitalize(), f"{name}/{PDF}") for name in former)


def _window(window: Any, label: str) -> tuple[str, str, str]:
    """The window's name, first date, and last date; the folder's name and no dates if it cannot be read."""
    with suppress(ArchiveError, OverflowError):
        read = read_window(window, "report.window")
        return _name(read), read.first.isoformat(), read.last.isoformat()
    return label, "", ""


@lru_cache(maxsize=10_000)
def _name(window: Window) -> str:
    """The window's name; cached, since many organizations share the same windows."""
    return window_name(Words(parse_locale(_PAGE_LOCALE)), window)


def _language(locale: Any) -> tuple[str, str]:
    with suppress(UsageError):
        known = parse_locale(str(locale))
        return str(known).replace("_", "-"), known.text_direction
    return "", "auto"


def _figures(figures: Any) -> Iterator[Figure]:
    """Each leading figure once, in column order."""
    printed = {str(entry.get("key")): entry for entry in map(_mapping, _list(figures))}
    for metric in LEADING:
        entry = printed.get(metric.key, {})
        if shown := entry.get("shown"):
            yield Figure(metric.key, _text(shown), _text(entry.get("change")))


def _statuses(deliveries: Any, mails: Iterable[str]) -> Iterator[str]:
    """The delivery state of each message; the addresses stay in the receipt.

    A run removes an email's line from the receipt before sending it, so without a line the state is unknown.
    """
    lines = [_mapping(line) for line in _list(deliveries)]
    yield from (_text(line.get("status", "unknown")) for line in lines)
    yield from ("unknown" for mail in mails if mail not in [line.get("file") for line in lines])


def _number(name: str) -> tuple[int, str]:
    """Sort key for names that end in numbers."""
    digits = name.rpartition("-")[2]
    return (int(digits) if digits.isdecimal() and len(digits) < 10 else 0, name)


def _text(value: Any) -> str:
    """The printed text on one line; lone surrogates, which UTF-8 cannot encode, become question marks."""
    return " ".join(str(value or "").splitlines()).encode("utf-8", "replace").decode()


def _document(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file; empty if missing or damaged, which `verify` reports."""
    try:
        return _mapping(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
