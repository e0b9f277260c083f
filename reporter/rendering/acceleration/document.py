"""Parse XHTML as XML, in a tenth of the time.

WeasyPrint parses every document with an HTML5 parser in Python. A document that declares itself XHTML and is
well-formed gives the same tree to the XML parser in C. Any other document is left to WeasyPrint.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Self
from xml.etree import ElementTree as ET

from cssselect2 import ElementWrapper
from weasyprint import HTML
from weasyprint.urls import URLFetcher

_XHTML = ' xmlns="http://www.w3.org/1999/xhtml"'
_START = 300
"""The root element begins within this many characters."""

_ENTITY_DECLARATION = "<!ENTITY"
"""Entities can grow without end, and HTML has no declarations of them. In text and attributes `<` is escaped."""

_STYLE_ELEMENT = re.compile(r"<(?:style|link)\b")
_VIEWPORT_LENGTH = re.compile(r"\d[sdlp]?v(?:[whib]|min|max)\b", re.IGNORECASE)
"""A length relative to the page's size, which is not known when styles are first computed."""

_FIRST_LINE = re.compile(r"first-l(?:ine|etter)", re.IGNORECASE)
"""Changes the font during layout, after which WeasyPrint computes further values of the same style."""


class XhtmlDocument(HTML):  # type: ignore[misc]  # WeasyPrint has no types
    """A document parsed as XML.

    `has_shareable_styles`: whether the styles of its elements depend on the stylesheet and their attributes alone, so
    that they can be shared with other documents.
    """

    def __init__(self, root: ET.Element, url_fetcher: URLFetcher, *, has_shareable_styles: bool) -> None:
        self.base_url = None
        self.url_fetcher = url_fetcher
        self.media_type = "print"
        self.wrapper_element = _Element.from_html_root(root)
        self.etree_element = root
        self.has_shareable_styles = has_shareable_styles

    @classmethod
    def parse(cls, html: str, stylesheet: str, url_fetcher: URLFetcher) -> Self | None:
        """The document, to be rendered with this stylesheet; None if it has to be parsed as HTML."""
        root = _parse(html)
        if root is None:
            return None
        has_shareable_styles = not (
            any(map(_VIEWPORT_LENGTH.search, (html, stylesheet)))
            or _FIRST_LINE.search(stylesheet)
            or _STYLE_ELEMENT.search(html)
        )
        return cls(root, url_fetcher, has_shareable_styles=has_shareable_styles)


class _Element(ElementWrapper):  # type: ignore[misc]  # cssselect2 has no types
    """An element that lists its descendants once: WeasyPrint asks for styles, for metadata, and for stylesheets."""

    def iter_subtree(self) -> Iterator["_Element"]:
        return iter(self._subtree)

    @cached_property
    def _subtree(self) -> list["_Element"]:
        return list(super().iter_subtree())


def _parse(html: str) -> ET.Element | None:
    """The root element, with names as HTML has them; None if the document is not well-formed XHTML."""
    if _XHTML not in html[:_START] or _ENTITY_DECLARATION in html:
        return None
    try:
        root = ET.fromstring(html.replace(_XHTML, "", 1))  # noqa: S314  # no entity can grow in it or lead elsewhere
    except ET.ParseError:  # for example a character that XML does not allow
        return None
    return None if root.find(".//base") is not None else root
