"""A document that is XHTML, parsed as what it is."""

import re
from collections.abc import Iterator
from functools import cached_property
from xml.etree import ElementTree as ET

import cssselect2
import pydyf
import weasyprint
from cssselect2 import ElementWrapper
from weasyprint import HTML
from weasyprint.urls import URLFetcher

FIT = (weasyprint.VERSION, pydyf.VERSION, cssselect2.VERSION) == ("70.0", "0.13.0", "0.10.1")
"""Whether the installed libraries are those that the shortcuts lead through."""

_XHTML = ' xmlns="http://www.w3.org/1999/xhtml"'
_DOCTYPE_AND_ROOT = 300
"""Characters within which a document's root begins."""

_DECLARES_ENTITIES = "<!ENTITY"
"""What XML can be made endless with, and HTML knows nothing of; data has no `<` that is not escaped."""

_DRESSES_ITSELF = re.compile(r"<(?:style|link)\b")
_LOOKS_AT_THE_PAGE = re.compile(r"\d[sdlp]?v(?:[whib]|min|max)\b", re.IGNORECASE)
"""A length that depends on the page's size, which is not known when styles are first computed."""

_CHANGES_WITHIN_A_LINE = re.compile(r"first-l(?:ine|etter)", re.IGNORECASE)
"""Letters that get another size as a line is laid out, by which WeasyPrint then computes what it has not before."""


class Document(HTML):  # type: ignore[misc]  # WeasyPrint has no types
    """A document and the stylesheet it will be dressed by.

    One that says in its root to be XHTML, and is, is parsed as XML in a tenth of the time; every other as HTML.

    `is_dressed_from_outside`: whether the styles of its elements depend on the stylesheet and its attributes alone.
    """

    def __init__(self, html: str, stylesheet: str, url_fetcher: URLFetcher) -> None:
        tree = _well_formed(html) if FIT else None
        self.is_dressed_from_outside = False
        if tree is None:
            super().__init__(string=html, url_fetcher=url_fetcher)
            return
        self.is_dressed_from_outside = not (
            any(map(_LOOKS_AT_THE_PAGE.search, (html, stylesheet)))
            or _CHANGES_WITHIN_A_LINE.search(stylesheet)
            or _DRESSES_ITSELF.search(html)
        )
        self.base_url = None
        self.url_fetcher = url_fetcher
        self.media_type = "print"
        self.wrapper_element = _Element.from_html_root(tree)
        self.etree_element = tree


class _Element(ElementWrapper):  # type: ignore[misc]  # cssselect2 has no types
    """An element that goes through what is below it once: WeasyPrint does for styles, metadata and stylesheets."""

    def iter_subtree(self) -> Iterator["_Element"]:
        return iter(self._subtree)

    @cached_property
    def _subtree(self) -> list["_Element"]:
        return list(super().iter_subtree())


def _well_formed(html: str) -> ET.Element | None:
    """The tree of a document that is XHTML as it says, named as in HTML; None for any other."""
    if _XHTML not in html[:_DOCTYPE_AND_ROOT] or _DECLARES_ENTITIES in html:
        return None
    try:
        tree = ET.fromstring(html.replace(_XHTML, "", 1))  # noqa: S314  # no entity can grow in it or lead elsewhere
    except ET.ParseError:  # a character XML does not allow, say
        return None
    return None if tree.find(".//base") is not None else tree
