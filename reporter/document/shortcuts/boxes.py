"""What boxes ask of their style over and over, answered once for each style."""

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

THE_PAGE = "the page"
"""Where the styles of a document remember the kind of page they are all on, if it is one."""

_own_percentages = percent.resolve_percentages
_own_flow = Box.is_in_normal_flow
_own_page_values = ParentBox.page_values
_own_strut = line_break.strut
_own_description = fonts.get_font_description


def _used_values(style: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The used borders and dimensions of a box; None where they depend on the box around it."""
    if style["box_sizing"] != "content-box" or not all(_is_absolute(style[name]) for name in _DIMENSIONS):
        return None
    box = SimpleNamespace(style=style)
    _own_percentages(box, (0, 0))
    dimensions = vars(box)
    del dimensions["style"]
    return {name: dimensions.pop(name) for name in _BORDERS}, dimensions


def _is_absolute(value: Any) -> bool:
    return value is None or value == "auto" or getattr(value, "unit", "%") != "%"


_QUESTIONS: Mapping[str, Callable[[Any], Any]] = {
    "used_values": _used_values,
    "is_in_normal_flow": lambda style: _own_flow(Box("", style, None)),
    "strut": _own_strut,
    "font_description": _own_description,
}


class Answers:
    """A style's answers: for one that nobody changes once it is computed, which its copies may be.

    Those of styles computed from the same things are in `answered`.
    """

    answered: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name not in _QUESTIONS:
            raise AttributeError(name)
        if name not in self.answered:
            self.answered[name] = _QUESTIONS[name](self)
        setattr(self, name, self.answered[name])
        return self.answered[name]


def _resolve_percentages(box: Any, containing_block: Any) -> None:
    style = box.style
    used = style.used_values if isinstance(style, Answers) else None
    if used is None:
        _own_percentages(box, containing_block)
        return
    borders, dimensions = used
    mine = vars(box)
    if "border_top_width" not in mine or style["border_collapse"] != "collapse":
        mine.update(borders)
    mine.update(dimensions)


def _is_in_normal_flow(box: Any) -> Any:
    style = box.style
    return style.is_in_normal_flow if isinstance(style, Answers) else _own_flow(box)


def _page_values(box: Any) -> Any:
    page = box.style.cache.get(THE_PAGE)
    return _own_page_values(box) if page is None else (page, page)


def _strut(style: Any) -> Any:
    return style.strut if isinstance(style, Answers) else _own_strut(style)


def _font_description(style: Any) -> Any:
    return style.font_description if isinstance(style, Answers) else _own_description(style)


_LOADED = sys.modules.copy()  # other threads may be loading more meanwhile
_LAYOUT = [module for name, module in _LOADED.items() if name.startswith("weasyprint.layout")]

WAYS: tuple[tuple[Any, str, Any], ...] = (
    *((each, "resolve_percentages", _resolve_percentages) for each in _LAYOUT if hasattr(each, "resolve_percentages")),
    (Box, "is_in_normal_flow", _is_in_normal_flow),
    (ParentBox, "page_values", _page_values),
    (inline, "strut", _strut),
    (line_break, "get_font_description", _font_description),
)
