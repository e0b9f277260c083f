"""Compute values that depend on a style alone once per style, and shape a line of text once.

WeasyPrint resolves margins, padding, borders, and sizes for every box and every layout attempt, although absolute ones
depend on the style alone. The same holds for whether a box is in the normal flow, the height of a line, and the font.
Here a style keeps these values. Percentages and `box-sizing` are left to WeasyPrint.

WeasyPrint discards the Pango layout of a line after its layout, and creates and shapes it again for drawing. Here it is
kept. It is shaped again only where drawing differs from layout: in a justified line, with another style, and where the
layout holds the text of more than one line.
"""

import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from weasyprint.formatting_structure.boxes import Box, ParentBox
from weasyprint.layout import inline, percent
from weasyprint.text import fonts, line_break

_DIMENSIONS = (
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in ("left", "right", "top", "bottom")),
    *(f"{limit}{axis}" for limit in ("", "min_", "max_") for axis in ("width", "height")),
)
_BORDERS = tuple(f"border_{side}_width" for side in ("top", "right", "bottom", "left"))

PAGE_TYPE = "page type"
"""Key in the cache that a document's styles share: the one page type of all its boxes, if there is only one."""

_original_resolve_percentages = percent.resolve_percentages
_original_is_in_normal_flow = Box.is_in_normal_flow
_original_page_values = ParentBox.page_values
_original_strut = line_break.strut
_original_font_description = fonts.get_font_description


def _used_values(style: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Borders and dimensions of a box; None if they depend on the containing block."""
    if style["box_sizing"] != "content-box" or not all(_is_absolute(style[name]) for name in _DIMENSIONS):
        return None
    box = SimpleNamespace(style=style)
    _original_resolve_percentages(box, (0, 0))
    dimensions = vars(box)
    del dimensions["style"]
    return {name: dimensions.pop(name) for name in _BORDERS}, dimensions


def _is_absolute(value: Any) -> bool:
    return value is None or value == "auto" or getattr(value, "unit", "%") != "%"


_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "used_values": _used_values,
    "is_in_normal_flow": lambda style: _original_is_in_normal_flow(Box("", style, None)),
    "strut": _original_strut,
    "font_description": _original_font_description,
}


class StyleWithDerivedValues:
    """A style with attributes that are computed from it once: the names of `_FUNCTIONS`.

    Only for styles that do not change once they are computed. Copies, which WeasyPrint changes, are of another class.
    Styles computed from the same declarations share `derived`.
    """

    derived: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name not in _FUNCTIONS:
            raise AttributeError(name)
        if name not in self.derived:
            self.derived[name] = _FUNCTIONS[name](self)
        setattr(self, name, self.derived[name])
        return self.derived[name]


def _resolve_percentages(box: Any, containing_block: Any) -> None:
    style = box.style
    used = style.used_values if isinstance(style, StyleWithDerivedValues) else None
    if used is None:
        _original_resolve_percentages(box, containing_block)
        return
    borders, dimensions = used
    attributes = vars(box)
    if "border_top_width" not in attributes or style["border_collapse"] != "collapse":
        attributes.update(borders)
    attributes.update(dimensions)


def _is_in_normal_flow(box: Any) -> Any:
    style = box.style
    return style.is_in_normal_flow if isinstance(style, StyleWithDerivedValues) else _original_is_in_normal_flow(box)


def _page_values(box: Any) -> Any:
    page_type = box.style.cache.get(PAGE_TYPE)
    return _original_page_values(box) if page_type is None else (page_type, page_type)


def _strut(style: Any) -> Any:
    return style.strut if isinstance(style, StyleWithDerivedValues) else _original_strut(style)


def _font_description(style: Any) -> Any:
    return style.font_description if isinstance(style, StyleWithDerivedValues) else _original_font_description(style)


class _KeptLayout(line_break.Layout):  # type: ignore[misc]  # WeasyPrint has no types
    """A layout that stays valid until it is drawn.

    To draw, WeasyPrint sets Pango's single-paragraph mode, and a change of mode makes Pango shape the text again. So
    the mode is set before layout if the text is one paragraph, for which the mode makes no difference.
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
        """Discard nothing: the layout is freed with the document."""

    def reactivate(self, style: Mapping[str, Any]) -> None:
        if self.justification_spacing or style is not self.style or not self._holds_one_line:
            super().reactivate(style)


_MODULES = sys.modules.copy()  # other threads may be importing meanwhile
_LAYOUT = [module for name, module in _MODULES.items() if name.startswith("weasyprint.layout")]
"""Each of these has imported the function under its own name."""

PATCHES: tuple[tuple[Any, str, Any], ...] = (
    *((each, "resolve_percentages", _resolve_percentages) for each in _LAYOUT if hasattr(each, "resolve_percentages")),
    (Box, "is_in_normal_flow", _is_in_normal_flow),
    (ParentBox, "page_values", _page_values),
    (inline, "strut", _strut),
    (line_break, "get_font_description", _font_description),
    (line_break, "Layout", _KeptLayout),
)
