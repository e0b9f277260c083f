"""What the index says of one edition: read from its folder, believing nothing, and kept as it was printed."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reporter.analysis.metrics import FIGURES
from reporter.archive.edition import DATA, PDF, RECEIPT, is_mail_file
from reporter.codec import read_window
from reporter.domain.errors import ArchiveError, UsageError
from reporter.domain.snapshot import title
from reporter.domain.window import Window
from reporter.rendering.dates import window_name
from reporter.rendering.translation import Words, parse_locale

REASON_LIMIT = 160
"""Characters of an operator's reason that the page shows."""

LEADING = tuple(metrics[0].key for metrics in FIGURES.values())
"""The figures of the page, in the order of its columns: the leading one of each figure of a report."""

_PAGE_LOCALE = "en_GB"
"""The page speaks English to the operator, whatever its reports speak."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and its change as `report.json` has them."""

    key: str
    shown: str
    change: str


@dataclass(frozen=True, slots=True)
class Link:
    """A file of an edition: what it is called, and its relative, percent-encoded address."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class WindowText:
    """A window in words, and its first and last date in ISO 8601, which are empty where they are not known."""

    name: str
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    """What an edition is written in, by BCP 47, and its direction; nothing and `auto` where that is not known."""

    tag: str = ""
    direction: str = "auto"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One edition: its figures and first headline as printed, its messages by status, and its files.

    `label` and `period` are the names of its folders. `revision` is 1 unless there was another, and `reason` says why.
    `more` are the mails of further readers, and the former revisions.
    """

    label: str
    period: str
    span: WindowText
    language: Language
    headline: str
    figures: tuple[Figure, ...]
    statuses: tuple[tuple[str, int], ...]
    revision: int
    reason: str
    receipt: str
    files: tuple[Link, ...]
    more: tuple[Link, ...]


def read_row(root: Path, folder: Path, names: Sequence[str]) -> IndexRow:
    """The row of the edition in `folder`, in which these names lie; what is damaged is left out of it."""
    document, receipt = _document(folder / DATA), _document(folder / RECEIPT)
    report = _mapping(document.get("report"))
    revision = receipt.get("revision")
    mails = sorted(filter(is_mail_file, names), key=lambda name: (len(name), name))
    revisions = (name for name in names if name.startswith("revision-") and (folder / name / PDF).is_file())
    place = quote(folder.relative_to(root).as_posix())
    return IndexRow(
        label=folder.name,
        period=folder.parent.name,
        span=_span(report.get("window"), folder.name),
        language=_language(report.get("locale")),
        headline=next((_text(line) for line in _list(document.get("headlines"))), ""),
        figures=tuple(_figures(document.get("figures"))),
        statuses=tuple(sorted(Counter(_statuses(receipt.get("deliveries"), mails)).items())),
        revision=revision if isinstance(revision, int) else 1,
        reason=title(str(receipt.get("reason") or ""), REASON_LIMIT),
        receipt=f"{place}/{RECEIPT}" if RECEIPT in names else "",
        files=tuple(Link(text, f"{place}/{name}") for text, name in _files(mails[:1]) if name in names),
        more=tuple(Link(text, f"{place}/{quote(name)}") for text, name in _more(mails, sorted(revisions, key=_number))),
    )


def _files(mails: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each file of the edition with what it is called."""
    yield "PDF", PDF
    yield from (("Mail", mail) for mail in mails)
    yield "Data", DATA


def _more(mails: Sequence[str], former: Iterable[str]) -> Iterator[tuple[str, str]]:
    yield from ((f"Mail {number}", mail) for number, mail in enumerate(mails[1:], 2))
    yield from ((name.replace("-", " ").capitalize(), f"{name}/{PDF}") for name in former)


def _span(window: Any, label: str) -> WindowText:
    """The window; the folder's name where it cannot be read."""
    with suppress(ArchiveError, OverflowError):
        read = read_window(window, "report.window")
        return WindowText(_name(read), read.first.isoformat(), read.last.isoformat())
    return WindowText(label)


@lru_cache(maxsize=10_000)
def _name(window: Window) -> str:
    """The window in words; organizations by the hundred have the same ones."""
    return window_name(Words(parse_locale(_PAGE_LOCALE)), window)


def _language(locale: Any) -> Language:
    with suppress(UsageError):
        known = parse_locale(str(locale))
        return Language(str(known).replace("_", "-"), known.text_direction)
    return Language()


def _figures(figures: Any) -> Iterator[Figure]:
    """Each leading figure once, in the order of the columns."""
    printed = {str(entry.get("key")): entry for entry in map(_mapping, _list(figures))}
    for key in LEADING:
        entry = printed.get(key, {})
        if shown := entry.get("shown"):
            yield Figure(key, _text(shown), _text(entry.get("change")))


def _statuses(deliveries: Any, mails: Iterable[str]) -> Iterator[str]:
    """The status of each message; the addresses stay in the receipt.

    A run takes a mail's line out of the receipt before it sends, so a mail without a line has an unknown fate.
    """
    lines = [_mapping(line) for line in _list(deliveries)]
    yield from (_text(line.get("status", "unknown")) for line in lines)
    yield from ("unknown" for mail in mails if mail not in [line.get("file") for line in lines])


def _number(name: str) -> tuple[int, str]:
    """Names that end in numbers in the order of these."""
    digits = name.rpartition("-")[2]
    return (int(digits) if digits.isdecimal() and len(digits) < 10 else 0, name)


def _text(value: Any) -> str:
    """What was printed, on one line; a lone surrogate, which no file can hold, is a question mark."""
    return " ".join(str(value or "").splitlines()).encode("utf-8", "replace").decode()


def _document(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file; empty when there is none, since a damaged file is for `verify` to report."""
    try:
        return _mapping(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
