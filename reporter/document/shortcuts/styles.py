"""Styles that are computed once for all elements dressed alike, in whichever document they stand.

The documents of one look are dressed by the same rules over and over. What WeasyPrint computes for an element depends
on the rules that match it, on what it says of itself in its attributes, and on its parent's style: so these lead
through a tree, the rule tree of browsers, to a node that remembers the values.
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

from reporter.document.shortcuts.boxes import THE_PAGE, Answers

_OF_ITSELF = ("style", "lang", "id", "name", "width", "height")
"""The attributes out of which WeasyPrint makes declarations."""

_MOST_NODES = 800
"""Some six looks, at a megabyte and a half each: a hundred nodes, and what the values in them weigh."""


class RuleNode:
    """Elements dressed alike: their declarations after the cascade, and the values computed from them so far.

    `pseudo_elements`: what is declared for each.
    """

    __slots__ = ("anonymous", "answered", "below", "cascaded", "pseudo_elements", "specified", "values")

    def __init__(self, cascaded: Mapping[str, Any], pseudo_elements: Mapping[str, Any] = MappingProxyType({})) -> None:
        self.cascaded = cascaded
        self.pseudo_elements = pseudo_elements
        self.values: dict[str, Any] = {}
        self.specified: dict[str, Any] = {}
        self.answered: dict[str, Any] = {}
        self.anonymous: tuple[dict[str, Any], dict[str, Any]] = {}, {}
        self.below: dict[Any, RuleNode] = {}


class _Style(Answers, css.ComputedStyle):  # type: ignore[misc]  # WeasyPrint has no types
    """A style that begins with what its node knows, and tells it what else is computed."""

    def __init__(self, node: RuleNode, parent: Any, *context: Any) -> None:
        super().__init__(parent, node.cascaded, *context)
        self.update(node.values)
        self.specified = node.specified
        self.answered = node.answered
        self._node = node

    def __missing__(self, key: str) -> Any:
        value = self._node.values[key] = super().__missing__(key)
        return value

    @cached_property
    def anonymous_style(self) -> "_Anonymous":
        return _Anonymous(self, *self._node.anonymous)


class _Anonymous(Answers, css.AnonymousStyle):  # type: ignore[misc]  # WeasyPrint has no types
    """The style of the boxes without an element inside an element's, known and told alike."""

    def __init__(self, parent_style: _Style, values: dict[str, Any], answered: dict[str, Any]) -> None:
        super().__init__(parent_style)
        self.update(values)
        self.answered = answered
        self._values = values

    def __missing__(self, key: str) -> Any:
        value = self._values[key] = super().__missing__(key)
        return value


class _StyleFor(css.StyleFor):  # type: ignore[misc]  # WeasyPrint has no types
    """The styles of a document's elements, by the rule tree of its last stylesheet."""

    def __init__(self, html: Any, sheets: list[Any], hints: bool, fonts: Any, targets: Any) -> None:  # noqa: FBT001  # WeasyPrint's signature
        self._nodes: dict[Any, RuleNode] = {}
        if hints or not getattr(html, "is_dressed_from_outside", False):
            super().__init__(html, sheets, hints, fonts, targets)
            return
        self._cascaded_styles: dict[Any, Any] = {}
        self._computed_styles: dict[Any, Any] = {}
        self.initial_page_sizes = {"box": None, "area": None}
        self._sheets = sheets
        self.font_config = fonts
        self._targets = targets
        self._root = html.etree_element
        self._dress(html.wrapper_element, _TREES.of(sheets[-1][0]))
        self._remember_the_page()

    def _dress(self, root: Any, tree: RuleNode) -> None:
        """Give every element its style, parents before their children."""
        styles: dict[RuleNode, _Style] = {}
        for wrapper in root.iter_subtree():
            element = wrapper.etree_element
            parent = wrapper.parent.etree_element if wrapper.parent else None
            node = self._node(wrapper, tree if parent is None else self._nodes[parent])
            if node not in styles:
                styles[node] = self._computed(node, None, parent)
            elif element.get("id") or element.get("name"):
                self._collect_anchor(styles[node])  # one that is there twice is warned of
            self._nodes[element] = node
            self._computed_styles[element, None] = styles[node]

    def _node(self, wrapper: Any, above: RuleNode) -> RuleNode:
        element = wrapper.etree_element
        matched = [(sheet, *match) for sheet in self._sheets for match in sheet[0].matcher.match(wrapper)]
        said = tuple(map(element.get, _OF_ITSELF))
        key = (element.tag if any(said) else None, said, tuple([id(match[-1]) for match in matched]))
        return _TREES.below(above, key, lambda: _cascade(element, matched))

    def _computed(self, node: RuleNode, pseudo_type: str | None, parent: Any) -> _Style:
        if parent is None:
            above, root = None, css.InitialStyle(self.font_config)
        else:
            above, root = self._computed_styles[parent, None], self._computed_styles[self._root, None]
        style = _Style(node, above, pseudo_type, root, None, self.font_config, self.initial_page_sizes)
        self._collect_anchor(style)
        return style

    def _collect_anchor(self, style: _Style) -> None:
        if self._targets and style["anchor"]:
            self._targets.collect_anchor(style["anchor"])

    def _remember_the_page(self) -> None:
        if any("page" in declared for node in set(self._nodes.values()) for declared in node.pseudo_elements.values()):
            return
        body = self._root.find("body")
        pages = set() if body is None else {self._computed_styles[element, None]["page"] for element in body.iter()}
        if len(pages) == 1:
            self._computed_styles[self._root, None].cache[THE_PAGE] = pages.pop()

    def set_computed_styles(self, element: Any, parent: Any, pseudo_type: str | None = None, **others: Any) -> None:
        """Style a page, or a box in its margins: WeasyPrint says so as it makes the page."""
        if parent not in self._nodes:
            super().set_computed_styles(element, parent, pseudo_type=pseudo_type, **others)
            return
        cascaded = self._cascaded_styles.get((element, pseudo_type), {})
        key = ("@page", pseudo_type, *((name, id(values)) for name, (values, _) in cascaded.items()))
        node = _TREES.below(self._nodes[parent], key, lambda: RuleNode(cascaded))
        self._computed_styles[element, pseudo_type] = self._computed(node, pseudo_type, parent)
        if pseudo_type is None:
            self._nodes[element] = node

    def __call__(self, element: Any, pseudo_type: str | None = None) -> Any:
        """The style, None for a pseudo-element without; that of a pseudo-element is made when first asked for."""
        if pseudo_type and (element, pseudo_type) not in self._computed_styles and element in self._nodes:
            above = self._nodes[element]
            cascaded = above.pseudo_elements.get(pseudo_type)
            if cascaded is None:
                return None
            node = _TREES.below(above, ("::", pseudo_type), lambda: RuleNode(cascaded))
            self._computed_styles[element, pseudo_type] = self._computed(node, pseudo_type, element)
        return super().__call__(element, pseudo_type)


class _Trees:
    """The rule trees: one for each stylesheet, all felled together when they have grown too large."""

    def __init__(self) -> None:
        self._trees: WeakKeyDictionary[Any, RuleNode] = WeakKeyDictionary()
        self._nodes = 0

    def of(self, stylesheet: Any) -> RuleNode:
        """The root of a stylesheet's tree."""
        if self._nodes > _MOST_NODES:
            self._trees.clear()
            self._nodes = 0
        return self._trees.setdefault(stylesheet, RuleNode({}))

    def below(self, above: RuleNode, key: Any, make: Callable[[], RuleNode]) -> RuleNode:
        """The node that `key` leads to from the one above, made if it is new."""
        node = above.below.get(key)
        if node is None:
            node = above.below[key] = make()
            self._nodes += 1
        return node


_TREES = _Trees()


def _cascade(element: ET.Element, matched: Iterable[Any]) -> RuleNode:
    """A new node for an element and, below it, its pseudo-elements: of each property the declaration that wins."""
    cascaded: dict[str | None, dict[str, Any]] = {None: {}}
    for pseudo_type, origin, layer, specificity, declarations in (*_own(element), *_matching(matched)):
        style = cascaded.setdefault(pseudo_type, {})
        for name, values, importance in declarations:
            weight = (css.declaration_precedence(origin, importance), layer, specificity)
            if name not in style or style[name][1] <= weight:
                style[name] = values, weight
    own = cascaded.pop(None)
    return RuleNode(own, {name: style for name, style in cascaded.items() if name})


def _own(element: ET.Element) -> Iterator[tuple[None, str, float, Any, Any]]:
    """What an element declares of itself."""
    alone = ET.Element(element.tag, element.attrib)
    for specificity, _, declarations, base_url in css.find_style_attributes(alone):
        yield None, "author", inf, specificity, preprocess_declarations(base_url, declarations)


def _matching(matched: Iterable[Any]) -> Iterator[tuple[str | None, str, float, Any, Any]]:
    """What the rules that match it declare."""
    for (sheet, origin, sheet_specificity), specificity, _, pseudo_type, (declarations, layer) in matched:
        order = inf if layer is None else sheet.layers.index(layer)
        yield pseudo_type, origin, order, sheet_specificity or specificity, declarations


WAYS = ((css, "StyleFor", _StyleFor),)
