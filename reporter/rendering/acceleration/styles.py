"""Compute a style once for all elements that the same rules match, across documents.

Reports of one template are styled by the same rules again and again. What WeasyPrint computes for an element depends on
the rules that match it, on the declarations in its own attributes, and on its parent's style. These are the path in
a tree, like the rule tree of browsers, to a node that keeps the values. Documents with other influences are left to
WeasyPrint: see `XhtmlDocument`. The styles of pseudo-elements are computed when they are first asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from math import inf
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary
from xml.etree import ElementTree as ET

from weasyprint import css
from weasyprint.css.validation import preprocess_declarations

from reporter.rendering.acceleration.layout import PAGE_TYPE, StyleWithDerivedValues

_STYLE_ATTRIBUTES = ("style", "lang", "id", "name", "width", "height")
"""The attributes that WeasyPrint turns into declarations."""

_NODE_LIMIT = 800
"""About six templates: each has a hundred nodes, which take 1.5 MB with their values."""


class RuleNode:
    """Elements of the same style: their declarations after the cascade, and the values computed so far.

    `pseudo_elements` are the declarations for each; `anonymous` the values of the boxes inside that have no element.
    """

    __slots__ = ("anonymous", "cascaded", "children", "derived", "pseudo_elements", "specified", "values")

    def __init__(self, cascaded: Mapping[str, Any], pseudo_elements: Mapping[str, Any] = MappingProxyType({})) -> None:
        self.cascaded = cascaded
        self.pseudo_elements = pseudo_elements
        self.values: dict[str, Any] = {}
        self.specified: dict[str, Any] = {}
        self.derived: dict[str, Any] = {}
        self.anonymous: tuple[dict[str, Any], dict[str, Any]] = {}, {}
        self.children: dict[Any, RuleNode] = {}


class _Style(StyleWithDerivedValues, css.ComputedStyle):  # type: ignore[misc]  # WeasyPrint has no types
    """A style that starts with the values of its node, and adds to them what it computes."""

    def __init__(self, node: RuleNode, parent: Any, *context: Any) -> None:
        super().__init__(parent, node.cascaded, *context)
        self.update(node.values)
        self.specified = node.specified
        self.derived = node.derived
        self._node = node

    def __missing__(self, key: str) -> Any:
        value = self._node.values[key] = super().__missing__(key)
        return value

    @cached_property
    def anonymous_style(self) -> "_Anonymous":
        return _Anonymous(self, *self._node.anonymous)


class _Anonymous(StyleWithDerivedValues, css.AnonymousStyle):  # type: ignore[misc]  # WeasyPrint has no types
    """The style of the boxes without an element inside an element's box; its values are shared in the same way."""

    def __init__(self, parent_style: _Style, values: dict[str, Any], derived: dict[str, Any]) -> None:
        super().__init__(parent_style)
        self.update(values)
        self.derived = derived
        self._values = values

    def __missing__(self, key: str) -> Any:
        value = self._values[key] = super().__missing__(key)
        return value


class _StyleFor(css.StyleFor):  # type: ignore[misc]  # WeasyPrint has no types
    """The styles of a document's elements, found in the rule tree of its last stylesheet."""

    def __init__(self, html: Any, sheets: list[Any], hints: bool, fonts: Any, targets: Any) -> None:  # noqa: FBT001  # WeasyPrint's signature
        self._nodes: dict[Any, RuleNode] = {}
        if hints or not getattr(html, "has_shareable_styles", False):
            super().__init__(html, sheets, hints, fonts, targets)
            return
        self._cascaded_styles: dict[Any, Any] = {}
        self._computed_styles: dict[Any, Any] = {}
        self.initial_page_sizes = {"box": None, "area": None}
        self._sheets = sheets
        self.font_config = fonts
        self._targets = targets
        self._root = html.etree_element
        self._compute(html.wrapper_element, _TREES.root(sheets[-1][0]))
        self._cache_page_type()

    def _compute(self, root: Any, tree: RuleNode) -> None:
        """Give every element its style, parents before their children."""
        styles: dict[RuleNode, _Style] = {}
        for wrapper in root.iter_subtree():
            element = wrapper.etree_element
            parent = wrapper.parent.etree_element if wrapper.parent else None
            node = self._node(wrapper, tree if parent is None else self._nodes[parent])
            if node not in styles:
                styles[node] = self._style(node, None, parent)
            elif element.get("id") or element.get("name"):
                self._collect_anchor(styles[node])  # WeasyPrint warns of duplicates
            self._nodes[element] = node
            self._computed_styles[element, None] = styles[node]

    def _node(self, wrapper: Any, parent: RuleNode) -> RuleNode:
        element = wrapper.etree_element
        matched = [(sheet, *match) for sheet in self._sheets for match in sheet[0].matcher.match(wrapper)]
        attributes = tuple(map(element.get, _STYLE_ATTRIBUTES))
        tag = element.tag if any(attributes) else None
        key = (tag, attributes, tuple([id(match[-1]) for match in matched]))
        return _TREES.child(parent, key, lambda: _cascade(element, matched))

    def _style(self, node: RuleNode, pseudo_type: str | None, parent: Any) -> _Style:
        if parent is None:
            inherited, root = None, css.InitialStyle(self.font_config)
        else:
            inherited, root = self._computed_styles[parent, None], self._computed_styles[self._root, None]
        style = _Style(node, inherited, pseudo_type, root, None, self.font_config, self.initial_page_sizes)
        self._collect_anchor(style)
        return style

    def _collect_anchor(self, style: _Style) -> None:
        if self._targets and style["anchor"]:
            self._targets.collect_anchor(style["anchor"])

    def _cache_page_type(self) -> None:
        """Keep the page type of all boxes, if there is only one."""
        if any("page" in declared for node in set(self._nodes.values()) for declared in node.pseudo_elements.values()):
            return
        body = self._root.find("body")
        types = set() if body is None else {self._computed_styles[element, None]["page"] for element in body.iter()}
        if len(types) == 1:
            self._computed_styles[self._root, None].cache[PAGE_TYPE] = types.pop()

    def set_computed_styles(self, element: Any, parent: Any, pseudo_type: str | None = None, **others: Any) -> None:
        """Compute the style of a page or a margin box, which WeasyPrint asks for when it lays the page out."""
        if parent not in self._nodes:
            super().set_computed_styles(element, parent, pseudo_type=pseudo_type, **others)
            return
        cascaded = self._cascaded_styles.get((element, pseudo_type), {})
        key = ("@page", pseudo_type, *((name, id(values)) for name, (values, _) in cascaded.items()))
        node = _TREES.child(self._nodes[parent], key, lambda: RuleNode(cascaded))
        self._computed_styles[element, pseudo_type] = self._style(node, pseudo_type, parent)
        if pseudo_type is None:
            self._nodes[element] = node

    def __call__(self, element: Any, pseudo_type: str | None = None) -> Any:
        """The style, computed here if it is a pseudo-element's; None for a pseudo-element without declarations."""
        if pseudo_type and (element, pseudo_type) not in self._computed_styles and element in self._nodes:
            parent = self._nodes[element]
            cascaded = parent.pseudo_elements.get(pseudo_type)
            if cascaded is None:
                return None
            node = _TREES.child(parent, ("::", pseudo_type), lambda: RuleNode(cascaded))
            self._computed_styles[element, pseudo_type] = self._style(node, pseudo_type, element)
        return super().__call__(element, pseudo_type)


class _Trees:
    """The rule trees, one for each stylesheet. All are discarded together when they exceed the limit."""

    def __init__(self) -> None:
        self._trees: WeakKeyDictionary[Any, RuleNode] = WeakKeyDictionary()
        self.size = 0

    def root(self, stylesheet: Any) -> RuleNode:
        """The root of a stylesheet's tree."""
        if self.size > _NODE_LIMIT:
            self._trees.clear()
            self.size = 0
        return self._trees.setdefault(stylesheet, RuleNode({}))

    def child(self, parent: RuleNode, key: Any, create: Callable[[], RuleNode]) -> RuleNode:
        """The child of a node under this key, created if it is new."""
        node = parent.children.get(key)
        if node is None:
            node = parent.children[key] = create()
            self.size += 1
        return node


_TREES = _Trees()


def _cascade(element: ET.Element, matched: Iterable[Any]) -> RuleNode:
    """A new node for an element and its pseudo-elements, with the declaration of each property that wins."""
    cascaded: dict[str | None, dict[str, Any]] = {None: {}}
    for pseudo_type, origin, layer, specificity, declarations in (
        *_attribute_declarations(element),
        *_rule_declarations(matched),
    ):
        style = cascaded.setdefault(pseudo_type, {})
        for name, values, importance in declarations:
            weight = (css.declaration_precedence(origin, importance), layer, specificity)
            if name not in style or style[name][1] <= weight:
                style[name] = values, weight
    own = cascaded.pop(None)
    return RuleNode(own, {name: style for name, style in cascaded.items() if name})


def _attribute_declarations(element: ET.Element) -> Iterator[tuple[None, str, float, Any, Any]]:
    """The declarations in the attributes of an element."""
    alone = ET.Element(element.tag, element.attrib)
    for specificity, _, declarations, base_url in css.find_style_attributes(alone):
        yield None, "author", inf, specificity, preprocess_declarations(base_url, declarations)


def _rule_declarations(matched: Iterable[Any]) -> Iterator[tuple[str | None, str, float, Any, Any]]:
    """The declarations of the rules that match an element."""
    for (sheet, origin, sheet_specificity), specificity, _, pseudo_type, (declarations, layer) in matched:
        order = inf if layer is None else sheet.layers.index(layer)
        yield pseudo_type, origin, order, sheet_specificity or specificity, declarations


PATCHES = ((css, "StyleFor", _StyleFor),)
