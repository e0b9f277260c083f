"""Check an email against what its recipients' email programs support: caniemail's data and two short lists.

A feature passes if every family of programs supports it. A feature with partial or no support is on one list, with
the reason why the email may still use it. A feature that is missing from the data is on the other list, or fails.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.mail.features import Feature, features

DATA = Path(__file__).with_name("caniemail.json")


@dataclass(frozen=True, slots=True)
class Allowed:
    """Why the email may use a feature; `only_on` limits it to these elements. A style element is always allowed."""

    reason: str
    only_on: frozenset[str] = frozenset()

    def covers(self, feature: Feature) -> bool:
        """Return whether the feature may be used on this element."""
        return not self.only_on or feature.element in self.only_on | {""}


_STYLES = "only of what comes on top: dark mode, and cells below each other on a phone"
_CELLS = frozenset({"td", "th", "caption"})
_IN_STYLES = frozenset({""})

ALLOWED: Mapping[str, Allowed] = {
    "css-at-media": Allowed(_STYLES),
    "css-at-media-prefers-color-scheme": Allowed(_STYLES),
    "css-border": Allowed("Word draws it up to 8 px on tables and cells", _CELLS | {"table"}),
    "css-display": Allowed("`none` alone outside a media query", frozenset({"div"})),
    "css-display-none": Allowed("Word hides no table in it, and there is none", frozenset({"div"})),
    "css-font-size": Allowed("Word lacks only `rem`"),
    "css-font-weight": Allowed("Word knows bold and not bold"),
    "css-important": Allowed("Word needs a space before it, and drops it in an element", _IN_STYLES),
    "css-line-height": Allowed("Word is told to take it exactly"),
    "css-margin": Allowed(
        "everybody has what is not negative, Word only on paragraphs", frozenset({"p", "h1", "body"})
    ),
    "css-max-width": Allowed("Word takes it of tables, and a table of its own holds the width", frozenset({"table"})),
    "css-min-width": Allowed("on phones, where Word is not", _IN_STYLES),
    "css-padding": Allowed("Word takes it of cells", _CELLS),
    "css-selector-attribute": Allowed("for Outlook.com, which marks what it has darkened", _IN_STYLES),
    "css-selector-class": Allowed(_STYLES),
    "css-selector-descendant": Allowed(_STYLES),
    "css-selector-grouping": Allowed(_STYLES),
    "css-selector-type": Allowed(_STYLES),
    "css-text-align": Allowed("everybody has left and right"),
    "css-word-break": Allowed("long words then break anywhere, which is what it is for"),
    "html-body": Allowed("becomes a div; the colour stands in a table too"),
    "html-dir": Allowed("Word errs on links alone", frozenset({"html", "div", "table"})),
    "html-doctype": Allowed("without it Word draws the same"),
    "html-meta-color-scheme": Allowed("tells Apple Mail that there is a dark mode; nobody else reads it"),
    "html-style": Allowed(_STYLES),
    "css-height": Allowed("Word takes the picture's attribute", frozenset({"img"})),
    "css-width": Allowed("Word takes the picture's attribute", frozenset({"img"})),
    "html-height": Allowed("Word errs on percent", frozenset({"img"})),
    "html-width": Allowed("Word errs on pictures in percent", frozenset({"table", "th", "img"})),
}
"""Features that not every program supports, and why the email may use them."""

BASELINE: Mapping[str, str] = {
    **dict.fromkeys(("html-html", "html-head", "html-title", "html-br", "html-alt"), "in HTML since its beginning"),
    **dict.fromkeys(
        ("html-meta", "html-content", "html-charset", "html-meta-viewport"), "dropped where it is not read"
    ),
    "html-meta-supported-color-schemes": "the older name of the one that Apple Mail reads",
    "html-meta-format-detection": "keeps Apple Mail from making links of figures; dropped elsewhere",
    **dict.fromkeys(("html-class", "html-data-css-inline"), "draws nothing"),
    **dict.fromkeys(("html-border", "html-bgcolor", "html-nowrap"), "in HTML since 3.2, and the way that Word knows"),
    **dict.fromkeys(("html-colspan", "html-rowspan", "html-scope", "html-caption"), "a table as HTML 4 has it"),
    **dict.fromkeys(("css-color", "css-font-family"), "in CSS since 1996, and nothing known against it"),
    "css-mso-hide": "Word's own, unknown elsewhere",
}
"""Features that the data does not contain, and why they are used."""


def faults(html: str) -> list[str]:
    """Return a sentence for each feature that the email uses and should not."""
    return sorted({fault for feature in features(html) if (fault := _fault(feature))})


def asked(html: str) -> set[str]:
    """The names of all features that the email uses."""
    return {feature.name for feature in features(html)}


@cache
def known() -> Mapping[str, Mapping[str, str]]:
    """The data: for each feature, its support in each family of programs."""
    data: Mapping[str, Mapping[str, str]] = json.loads(DATA.read_text("utf-8"))["features"]
    return data


def _fault(feature: Feature) -> str:
    support = known().get(feature.name)
    if support is None:
        return "" if feature.name in BASELINE else f"{feature.name}: unknown"
    lacking = [f"{family}: {letter}" for family, letter in support.items() if letter != "y"]
    if not lacking:
        return ""
    where = f" on {feature.element}" if feature.element else ""
    allowed = ALLOWED.get(feature.name)
    return "" if allowed and allowed.covers(feature) else f"{feature.name}{where}: {', '.join(lacking)}"
