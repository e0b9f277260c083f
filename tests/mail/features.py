"""Every HTML and CSS feature that an email uses, by its caniemail.com name, with the element that uses it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import tinycss2

_GROUPS = (
    (r"html-(tr|td|th|thead|tbody)", "html-table"),
    (r"html-h[1-6]", "html-h1-h6"),
    (r"html-(ul|ol|li|dl|dt|dd)", "html-lists"),
    (r"html-(article|aside|details|figure|footer|header|main|nav|section|summary)", "html-semantics"),
    (r"css-border-(top|right|bottom|left|width|style|color)(-\w+)?", "css-border"),
    (r"css-(padding|margin)-(top|right|bottom|left)", r"css-\1"),
    (r"css-(top|right|bottom|left)", "css-left-right-top-bottom"),
    (r"css-at-media-(min|max)-width", "css-at-media"),
)
"""Features that have another name in the data."""


_SELECTORS = (
    ("attribute", r"\["),
    ("class", r"\.[\w-]"),
    ("id", "#"),
    ("universal", r"\*"),
    ("type", r"(^|[\s,>+~])[a-z]"),
    ("descendant", r"[\w\])]\s+[\w.\[#*]"),
    ("child", ">"),
    ("adjacent-sibling", r"\+"),
    ("general-sibling", "~"),
    ("chaining", r"[\w\]]\.\w"),
)
"""A pattern for each kind of selector."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature and the element that uses it; the element is empty for a style element, which applies to any."""

    name: str
    element: str = ""


def features(html: str) -> frozenset[Feature]:
    """The features that the email uses in its elements, attributes, styles, and style elements."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return frozenset(Feature(_grouped(feature.name), feature.element) for feature in reader.found)


def _grouped(name: str) -> str:
    for pattern, group in _GROUPS:
        if match := re.fullmatch(pattern, name):
            return match.expand(group)
    return name


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[Feature] = set()
        self._in_style = False

    def handle_decl(self, decl: str) -> None:
        self.found.add(Feature("html-doctype"))

    def handle_comment(self, data: str) -> None:
        self.found.add(Feature("html-comments"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(Feature(f"html-{tag}", tag))
        self._in_style = tag == "style"
        for name, value in attrs:
            self.found.update(Feature(each, tag) for each in _attribute(tag, name, value or ""))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            rules = tinycss2.parse_stylesheet(data, skip_whitespace=True)
            self.found.update(Feature(name) for name in _rules(rules))


def _attribute(tag: str, name: str, value: str) -> Iterator[str]:
    if name == "style":
        yield from _declarations(tinycss2.parse_declaration_list(value, skip_whitespace=True))
    elif tag == "meta" and name == "name":
        yield f"html-meta-{value}"
    elif name in {"src", "href"}:
        yield _address(value)
    else:
        yield f"html-{name}"


def _address(value: str) -> str:
    """The feature of an address: an image's format if it is attached to the email, otherwise the address's scheme."""
    scheme = value.partition(":")[0]
    return {"data": "image-base64", "mailto": "html-mailto-links"}.get(scheme) or (
        f"image-{re.split(r'[.@]', value)[1]}" if scheme == "cid" else f"address-{scheme}"
    )


def _rules(rules: list[Any]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "error":
            yield f"css-error-{rule.kind}"
        elif rule.type == "at-rule":
            yield f"css-at-{rule.lower_at_keyword}"
            yield from (
                f"css-at-media-{name}" for name in re.findall(r"\(\s*([\w-]+)", tinycss2.serialize(rule.prelude))
            )
            if rule.content is not None:
                yield from _rules(tinycss2.parse_rule_list(rule.content, skip_whitespace=True))
        elif rule.type == "qualified-rule":
            yield from _selectors(tinycss2.serialize(rule.prelude))
            yield from _declarations(tinycss2.parse_declaration_list(rule.content, skip_whitespace=True))


def _selectors(prelude: str) -> Iterator[str]:
    text = prelude.strip()
    yield from ("css-selector-grouping" for _ in re.findall(",", text))
    yield from (f"css-pseudo-element-{name}" for name in re.findall(r"::([\w-]+)", text))
    yield from (f"css-pseudo-class-{name}" for name in re.findall(r"(?<!:):([\w-]+)", text))
    yield from (f"css-selector-{kind}" for kind, pattern in _SELECTORS if re.search(pattern, text))


def _declarations(declarations: list[Any]) -> Iterator[str]:
    for declaration in declarations:
        if declaration.type != "declaration":
            yield f"css-error-{declaration.type}"
            continue
        yield f"css-{declaration.lower_name}"
        if declaration.important:
            yield "css-important"
        yield from _values(declaration.lower_name, declaration.value)


def _values(property_name: str, tokens: list[Any]) -> Iterator[str]:
    for token in tokens:
        if token.type == "dimension":
            yield f"css-unit-{token.lower_unit}"
        elif token.type == "percentage":
            yield "css-unit-percent"
        elif token.type == "function":
            yield _function(token.lower_name)
            yield from _values(property_name, token.arguments)
        elif token.type == "url":
            yield _address(token.value)
        elif token.type == "ident":
            yield from _keyword(property_name, token.lower_value)


def _function(name: str) -> str:
    if name == "var":
        return "css-variables"
    if name == "calc":
        return "css-unit-calc"
    return f"css-function-{name}" if name in {"min", "max", "clamp", "light-dark"} else f"css-{name}"


def _keyword(property_name: str, value: str) -> Iterator[str]:
    """Keywords whose support is independent of their property."""
    if property_name == "display" and value in {"none", "flex", "grid"}:
        yield f"css-display-{value}"
    if property_name in {"text-align", "float", "clear"} and value in {"start", "end", "inline-start", "inline-end"}:
        yield "css-logical-value"
    if value in {"fit-content", "min-content", "max-content"}:
        yield "css-intrinsic-size"
    if value == "initial":
        yield "css-unit-initial"
    if value == "system-ui":
        yield "css-sytem-ui"
