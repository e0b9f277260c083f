"""Shorter ways through WeasyPrint to the same bytes: together a fifth less work a document.

Each leaves out work whose result nobody looks at. They rely on what WeasyPrint does not promise, so a shortcut is taken
only where WeasyPrint has the shape it relies on; a test holds that the locked version has, and that no byte differs.
"""

import inspect
import re
from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

from cssselect2 import ElementWrapper
from weasyprint import HTML
from weasyprint.text import line_break
from weasyprint.urls import URLFetcher

__all__ = ["Document", "taken"]

_XHTML = ' xmlns="http://www.w3.org/1999/xhtml"'
_DOCTYPE_AND_ROOT = 300
"""Characters within which a document's root begins."""

_DECLARES_ENTITIES = "<!ENTITY"
"""What XML can be made endless with, and HTML knows nothing of; data has no `<` that is not escaped."""

_NOTES = frozenset({"footnote-call", "footnote-marker", "note-call", "note-marker", "note-callback"})
_ASKS_FOR_NOTES = re.compile(r"footnote|note\(|\\(?!206[69])", re.IGNORECASE)
"""What a document with notes contains in its styles; a backslash might spell either, but not as a mark of direction."""


class Document(HTML):  # type: ignore[misc]  # WeasyPrint has no types
    """A document and the stylesheet it will be dressed by.

    One that says in its root to be XHTML, and is, is parsed as XML in a tenth of the time; every other as HTML. One
    that has no notes is spared the five pseudo-elements that WeasyPrint otherwise styles for notes at every element.
    """

    def __init__(self, html: str, stylesheet: str, url_fetcher: URLFetcher) -> None:
        self._has_notes = any(map(_ASKS_FOR_NOTES.search, (html, stylesheet)))
        tree = _well_formed(html) if "document" in taken() else None
        if tree is None:
            super().__init__(string=html, url_fetcher=url_fetcher)
            return
        self.base_url = None
        self.url_fetcher = url_fetcher
        self.media_type = "print"
        self.wrapper_element = ElementWrapper.from_html_root(tree)
        self.etree_element = tree

    def _ua_stylesheets(self, forms: bool = False) -> list[Any]:  # noqa: FBT001, FBT002  # WeasyPrint's signature
        sheets: list[Any] = super()._ua_stylesheets(forms)
        return sheets if self._has_notes or "notes" not in taken() else [_without_notes(sheet) for sheet in sheets]


class _KeptLayout(line_break.Layout):  # type: ignore[misc]  # WeasyPrint has no types
    """A line of text that is shaped once: WeasyPrint forgets it after layout and shapes it again for drawing.

    It is shaped again also here where drawing differs from layout: in a justified line, and where more than one line's
    text is held. Drawing asks Pango for a single paragraph, and that shapes it again, so text of one is told to be.
    """

    _holds_one_line = False

    def set_text(self, text: str, justify: bool = False) -> None:  # noqa: FBT001, FBT002  # WeasyPrint's signature
        self._holds_one_line = False
        is_paragraph = text.splitlines() in ([text], [])
        line_break.pango.pango_layout_set_single_paragraph_mode(self.layout, is_paragraph)
        super().set_text(text, justify)

    def get_first_line(self) -> tuple[Any, int | None]:
        line, second = super().get_first_line()
        self._holds_one_line = second is None
        return line, second

    def deactivate(self) -> None:
        """Keep everything: it goes with the document."""

    def reactivate(self, style: Mapping[str, Any]) -> None:
        if self.justification_spacing or style is not self.style or not self._holds_one_line:
            super().reactivate(style)


def _well_formed(html: str) -> ET.Element | None:
    """The tree of a document that is XHTML as it says, named as in HTML; None for any other."""
    if _XHTML not in html[:_DOCTYPE_AND_ROOT] or _DECLARES_ENTITIES in html:
        return None
    try:
        tree = ET.fromstring(html.replace(_XHTML, "", 1))  # noqa: S314  # no entity can grow in it or lead elsewhere
    except ET.ParseError:  # a character XML does not allow, say
        return None
    return None if tree.find(".//base") is not None else tree


@cache
def _without_notes(sheet: Any) -> Any:
    """The browser's stylesheet without the rules for notes. They match every element of every document."""
    lean = copy(sheet)
    lean.matcher = copy(sheet.matcher)
    lean.matcher.other_selectors = [each for each in sheet.matcher.other_selectors if each[3] not in _NOTES]
    return lean


@cache
def taken() -> frozenset[str]:
    """The shortcuts that this version of WeasyPrint has the shape for."""
    plain = HTML(string="<p>")
    shapes = {
        "document": vars(plain).keys() == {"base_url", "url_fetcher", "media_type", "wrapper_element", "etree_element"},
        "notes": all(map(_has_rules_of_five, getattr(plain, "_ua_stylesheets", list)())),
        "layout": _methods(line_break.Layout).items() >= _LAYOUT.items(),
    }
    return frozenset(name for name, fits in shapes.items() if fits)


def _has_rules_of_five(sheet: Any) -> bool:
    rules = getattr(getattr(sheet, "matcher", None), "other_selectors", [()])
    return all(len(rule) == 5 for rule in rules)  # test, specificity, order, pseudo-element, declarations


_LAYOUT = {
    "set_text": ("self", "text", "justify"),
    "get_first_line": ("self",),
    "deactivate": ("self",),
    "reactivate": ("self", "style"),
}


def _methods(kind: type) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(inspect.signature(each).parameters) for name, each in inspect.getmembers(kind, inspect.isfunction)
    }


if "layout" in taken():
    line_break.Layout = _KeptLayout
