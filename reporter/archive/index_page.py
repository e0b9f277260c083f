"""The index as HTML. Every edition's row is markup once written; the script of the page shows them a hundred at a time.

The first rows stand in the page as they are. The others stand in a `noscript` element, one a line: a browser without
scripts shows them all, and to the script they are plain text, of which it turns into elements what is looked at.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from reporter.archive.index_rows import LEADING, IndexRow
from reporter.domain.snapshot import Organization
from reporter.domain.window import Period
from reporter.rendering.phrases import METRICS

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_PAGE, _ROW = "index.html.j2", "index_row.html.j2"

AT_ONCE = 100
"""Rows that are elements of the page from the beginning."""


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """What became of a message, in words; `tone` is good, wait, bad or none."""

    words: str
    tone: str

    @property
    def key(self) -> str:
        """The status in an attribute and in the page's address."""
        return self.words.replace(" ", "-")


STATUSES = {
    "accepted": StatusLabel("sent", "good"),
    "failed": StatusLabel("failed", "bad"),
    "unknown": StatusLabel("unknown", "bad"),
    "deferred": StatusLabel("deferred", "wait"),
    "planned": StatusLabel("to be sent", "wait"),
    "outbox": StatusLabel("written only", "wait"),
    "none": StatusLabel("not mailed", "none"),
}
"""By the status in a receipt; `none` is of an edition without a mail."""


@dataclass(frozen=True, slots=True)
class PageEntry:
    """An edition of the page: its folder below the root, whose it is, what is known of it, and its markup, one line."""

    folder: str
    owner: str
    row: IndexRow
    markup: Markup

    @property
    def statuses(self) -> frozenset[StatusLabel]:
        """What became of its messages."""
        return frozenset(status for status, _ in counted(self.row))


def row_markup(folder: str, owner: str, row: IndexRow) -> Markup:
    """An edition's row, on one line; every text is escaped."""
    figures = {figure.key: figure for figure in row.figures}
    written = _template(_ROW).render(
        slug=folder.partition("/")[0],
        owner=owner,
        row=row,
        figures=[figures.get(key) for key in LEADING],
        counts=counted(row),
    )
    return Markup("".join(written.splitlines()))  # noqa: S704 - Jinja has escaped it


def page(entries: Iterable[PageEntry], owners: Sequence[tuple[str, Organization]]) -> bytes:
    """The page of these editions, the latest first; of one date in the order of their organizations."""
    latest = sorted(entries, key=lambda entry: (entry.row.span.last, entry.row.span.first), reverse=True)
    slugs = {entry.folder.partition("/")[0] for entry in latest}
    periods = {entry.row.period for entry in latest}
    statuses = Counter(status for entry in latest for status in entry.statuses)
    style, script = _part("index.css") + _labels(), _part("index.js")
    html = _template(_PAGE).render(
        rows=[entry.markup for entry in latest],
        at_once=AT_ONCE,
        organizations=len(owners),
        troubles=[
            (status, count) for status in STATUSES.values() if status.tone == "bad" and (count := statuses[status])
        ],
        columns=[METRICS[key] for key in LEADING],
        owners=[(slug, owner.title) for slug, owner in owners if slug in slugs],
        periods=[(period.value, period.value.capitalize()) for period in Period if period in periods],
        statuses=[(status.key, status.words.capitalize()) for status in STATUSES.values() if status in statuses],
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(style, script),
    )
    return html.encode("utf-8", "replace")


def counted(row: IndexRow) -> Sequence[tuple[StatusLabel, int]]:
    """Each status of the row's messages with their number, in the order above; one we do not know is unknown."""
    counts = Counter[StatusLabel]()
    for status, count in row.statuses:
        counts[STATUSES.get(status, STATUSES["unknown"])] += count
    return [(status, counts[status]) for status in STATUSES.values() if status in counts] or [(STATUSES["none"], 1)]


def _labels() -> str:
    """The style that names each figure where there is no room for columns, and so no name above them."""
    rules = (f'.figure:nth-child({number}) {{ --label: "{METRICS[key]}" }}' for number, key in enumerate(LEADING, 3))
    return "\n".join(rules)


def _policy(style: str, script: str) -> str:
    """What a browser lets the page do: be dressed by its own style, run its own script, and ask nobody for anything."""
    ours = f"style-src {_digest(style)}; script-src {_digest(script)}"
    return f"default-src 'none'; {ours}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def warm_up() -> None:
    """Pay now, once per process, for what the first page would otherwise wait for."""
    for name in (_PAGE, _ROW):
        _template(name)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only where a page is written

    loader = PackageLoader("reporter.archive", "")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _template(name: str) -> "Template":
    return _environment().get_template(name)
