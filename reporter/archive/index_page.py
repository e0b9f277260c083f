"""The index as HTML. Each edition's row is rendered once; the page's script shows them a hundred at a time.

The first rows are elements of the page. The others are in a `noscript` element, one per line: a browser without
scripting shows them all, and the script reads them as plain text and creates elements only for the rows it shows.
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

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_PAGE, _ROW = "index.html.j2", "index_row.html.j2"

AT_ONCE = 100
"""Number of rows that are elements of the page initially."""


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """Label of a delivery state; `tone` is good, wait, bad, or none."""

    words: str
    tone: str

    @property
    def key(self) -> str:
        """The state's name in attributes and in the page's URL."""
        return self.words.replace(" ", "-")


STATUSES = {
    "accepted": StatusLabel("sent", "good"),
    "failed": StatusLabel("failed", "bad"),
    "unknown": StatusLabel("unknown", "bad"),
    "deferred": StatusLabel("deferred", "wait"),
    "planned": StatusLabel("to be sent", "wait"),
    "claimed": StatusLabel("being sent", "wait"),
    "sending": StatusLabel("being sent", "wait"),
    "outbox": StatusLabel("written only", "wait"),
    "none": StatusLabel("not mailed", "none"),
}
"""Labels by the status in a receipt; `none` is for an edition without email."""

LABELS = tuple(dict.fromkeys(STATUSES.values()))
"""Each label once, in the order of the page; some states share one."""


@dataclass(frozen=True, slots=True)
class PageEntry:
    """An edition on the page: its folder below the root, its owner, its data, and its markup on one line."""

    folder: str
    owner: str
    row: IndexRow
    markup: Markup

    @property
    def statuses(self) -> frozenset[StatusLabel]:
        """The delivery states of its messages."""
        return frozenset(status for status, _ in counted(self.row))


def row_markup(folder: str, owner: str, row: IndexRow) -> Markup:
    """Render an edition's row on one line; all text is escaped."""
    figures = {figure.key: figure for figure in row.figures}
    written = _template(_ROW).render(
        slug=folder.partition("/")[0],
        owner=owner,
        row=row,
        figures=[figures.get(metric.key) for metric in LEADING],
        counts=counted(row),
    )
    return Markup("".join(written.splitlines()))  # noqa: S704 - escaped by Jinja


def page(entries: Iterable[PageEntry], owners: Sequence[tuple[str, Organization]]) -> bytes:
    """Render the page of these editions, the latest first; those with the same dates in `entries` order."""
    latest = sorted(entries, key=lambda entry: (entry.row.last, entry.row.first), reverse=True)
    slugs = {entry.folder.partition("/")[0] for entry in latest}
    periods = {entry.row.period for entry in latest}
    statuses = Counter(status for entry in latest for status in entry.statuses)
    style, script = _part("index.css") + _labels(), _part("index.js")
    html = _template(_PAGE).render(
        rows=[entry.markup for entry in latest],
        at_once=AT_ONCE,
        organizations=len(owners),
        troubles=[(status, count) for status in LABELS if status.tone == "bad" and (count := statuses[status])],
        columns=[metric.name for metric in LEADING],
        owners=[(slug, owner.title) for slug, owner in owners if slug in slugs],
        periods=[(period.value, period.value.capitalize()) for period in Period if period in periods],
        statuses=[(status.key, status.words.capitalize()) for status in LABELS if status in statuses],
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(style, script),
    )
    return html.encode("utf-8", "replace")


def counted(row: IndexRow) -> Sequence[tuple[StatusLabel, int]]:
    """The number of messages in each state, in the order of `STATUSES`; unrecognized states count as unknown."""
    counts = Counter[StatusLabel]()
    for status, count in row.statuses:
        counts[STATUSES.get(status, STATUSES["unknown"])] += count
    return [(status, counts[status]) for status in LABELS if status in counts] or [(STATUSES["none"], 1)]


def _labels() -> str:
    """CSS that labels each figure where the layout is too narrow for columns with headings."""
    rules = (f'.figure:nth-child({place}) {{ --label: "{metric.name}" }}' for place, metric in enumerate(LEADING, 3))
    return "\n".join(rules)


def _policy(style: str, script: str) -> str:
    """The page's Content Security Policy: only its own style and script, and no requests."""
    ours = f"style-src {_digest(style)}; script-src {_digest(script)}"
    return f"default-src 'none'; {ours}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def warm_up() -> None:
    """Load the templates, once per process, so that the first page need not wait."""
    for name in (_PAGE, _ROW):
        _template(name)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only for writing a page

    loader = PackageLoader("reporter.archive", "")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _template(name: str) -> "Template":
    return _environment().get_template(name)
