"""The logical structure of a PDF, as assistive technology reads it: the tag tree, and the content of each tag."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pikepdf


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One tag: its role, the number of its first page, the object, and its text including that of its descendants."""

    role: str
    page: int | None
    object: Any
    kids: "list[Element]"
    marks: list[tuple[int, int]] = field(default_factory=list)

    def walk(self) -> "Iterator[Element]":
        """Yield the element and its descendants in reading order."""
        yield self
        for kid in self.kids:
            yield from kid.walk()

    def all(self, *roles: str) -> "list[Element]":
        """The element and its descendants that have one of these roles."""
        return [each for each in self.walk() if each.role in roles]

    @property
    def pages(self) -> set[int]:
        """The pages on which it has content."""
        return {page for each in self.walk() for page, _ in each.marks}


class Tagged:
    """The file at `path`, open until the process ends."""

    def __init__(self, path: Path) -> None:
        self.pdf = pikepdf.open(path)
        self._pages = {page.objgen: number for number, page in enumerate(self.pdf.pages)}

    @cached_property
    def root(self) -> Element:
        """The `Document` element."""
        kids = self.pdf.Root.StructTreeRoot.K
        return self._element(kids[0] if isinstance(kids, pikepdf.Array) else kids)

    @cached_property
    def marks(self) -> list[list[int]]:
        """For each page, the numbers of its marked content, in drawing order."""
        return [list(_marks(page)) for page in self.pdf.pages]

    @cached_property
    def artifacts(self) -> list[list[str]]:
        """For each page, the kinds of its artifacts."""
        return [list(_artifacts(page)) for page in self.pdf.pages]

    @cached_property
    def metadata(self) -> bytes:
        """The metadata as stored in the file."""
        return bytes(self.pdf.Root.Metadata.read_raw_bytes())

    @cached_property
    def bookmarks(self) -> list[tuple[str, int]]:
        """Title and page of every bookmark, in order."""
        with self.pdf.open_outline() as outline:
            return list(self._bookmarks(outline.root))

    def _bookmarks(self, items: Any) -> Iterator[tuple[str, int]]:
        for item in items:
            yield item.title, self._pages[item.destination[0].objgen]
            yield from self._bookmarks(item.children)

    def _element(self, element: Any) -> Element:
        page = self._pages[element.Pg.objgen] if "/Pg" in element else None
        kids, marks = [], []
        for kid in element.get("/K", []) if isinstance(element.get("/K"), pikepdf.Array) else [element.get("/K")]:
            if isinstance(kid, int):
                marks.append((page if page is not None else 0, kid))
            elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == pikepdf.Name.StructElem:
                kids.append(self._element(kid))
        return Element(str(element.S)[1:], page, element, kids, marks)


def _marks(page: pikepdf.Page) -> Iterator[int]:
    for name, facts in _begun(page):
        if name != "Artifact" and "/MCID" in facts:
            yield int(facts["/MCID"])


def _artifacts(page: pikepdf.Page) -> Iterator[str]:
    for name, facts in _begun(page):
        if name == "Artifact":
            yield str(facts.get("/Type", "/"))[1:]


def _begun(page: pikepdf.Page) -> Iterator[tuple[str, Any]]:
    """The marked content of the page: tag and properties."""
    for each in pikepdf.parse_content_stream(page):
        if str(each.operator) in {"BMC", "BDC"}:
            name, *facts = each.operands
            yield str(name)[1:], facts[0] if facts else {}
