"""The reference for template authors, written from the view: `python -m reporter.document.reference` renews it."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from inspect import getdoc
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from markupsafe import Markup

from reporter.document.template_variables import VARIABLES
from reporter.document.view import ReportView

FILE = Path(__file__).parents[2] / "docs" / "templates.md"
_WORDS = {str: "text", int: "whole number", Markup: "finished markup", NoneType: "none"}

_HEAD = """\
# Templates

<!-- Written from the view by `python -m reporter.document.reference`; change reporter/document/ instead. -->

The look of a report is a folder, without any Python in it:

| file | what it is |
| --- | --- |
| `report.html.j2` | the pages, as HTML |
| `report.css` | their stylesheet, CSS for print |
| `email.html.j2` | the mail, as HTML with a `style` element |
| `email.txt.j2` | the mail's plain text |

The look that comes with the software is called `executive`. To change it, work on a copy:

```sh
hyperrep-report template new my-look
hyperrep-report preview --template my-look
hyperrep-report template check my-look
hyperrep-report --template my-look --dry-run
```

`template check` makes usual and odd reports, without figures yet or with hostile names, and tells each fault with file
and line. In the configuration the key is `template`, for all reports or for one. `template list` prints the looks there
are, `template reference` this page.

## The preview

`preview` shows the PDF, the mail as a phone (390 px) and a computer (800 px) show it, and the data side by side in a
browser, and each alone, with the mail's text and the pages as HTML beside. The mails are made smaller where they would
not fit. Whenever a file of the template is saved, everything is made anew. What cannot be made is marked by a dot, and
in its place stand the reason, the file, the line, and the lines around it, until it is mended and saved. The data are
what `report.json` holds; they can be folded and searched.

## Rules

- **Jinja templates.** Each gets one variable, `view`, whose fields are listed below: finished text in the reader's
  language. A template adds and rounds nothing.
- **A name that is not there is an error.** The report fails before any mail, and the sentence names file and line, as
  for a fault of syntax, a part or a picture that is not there, and what the renderer does not know:
  `my-look/report.css, line 12: …`.
- **A template reaches the view and its own files, and nothing else**: no attribute that begins with an underscore, no
  method that changes a value, no path and no symbolic link out of its folder. Jinja calls that its sandbox.
- **Everything is escaped**, but in files that end in `.txt.j2`, which make the mail's plain text. What comes from the
  API can be no markup.
- **Words go through `_()`**, with placeholders as `_("%(term)s:", term=note.term)`. A text that the catalogs have is
  translated; any other stays as it is written. [Translating](translating.md) says how a text gets into the catalogs.
- **Fonts** are those that come with the software, under the family name `HR Inter`, in weights 400 and 600. What Inter
  lacks comes by itself from our fonts for Arabic, Hebrew, Devanagari and emoji, and where the extra `cjk` is installed
  for Chinese, Japanese and Korean. A font of the machine is never used.
- **From right to left** a page mirrors by itself where it is laid out by inline blocks, tables and the sides `start`
  and `end`; `view.direction` tells the rest. Numbers and names come with marks that keep their own order.
- **Pictures** of the pages are `bundle:` and a name: `bundle:{{ view.brand.logo }}`. Nothing else is opened, neither a
  file nor an address. Charts come as finished markup. Those of the mail are `cid:`, the name and `@report`, and only
  PNG: mail programs draw no SVG.
- **A warning is a fault.** A property that the renderer does not know, or a picture that is not there, fails the
  report.
- **The mail's styles** are written into its elements when it is made; what stands in `@media`, and a `style` element
  with `data-css-inline="keep"`, stays beside them.
- **The mail's text** is broken into lines of 72 columns. In `{% filter columns %}` the cells of its lines, parted by
  tabs, stand below each other.
- **The archive keeps the folder's name**, not the folder: `hyperrep-report verify` makes a report again with the
  template as it is then. Keep a template where it is, and give a changed look a new name.
"""


_PARTS = """\
## Parts

A template may be made of parts. They lie in its folder or in folders within it, and are named by their path from there:

```jinja
{% include "parts/head.html.j2" %}
{% from "parts/macros.html.j2" import figure with context %}
```

A part that is included knows `view`; a macro gets what it is given, or `view` as well where it is imported
`with context`. The software's own files are there too, under the name of their look, unless the folder has one of that
name: a file that is to stay as it is, in later versions too, is one line.

```jinja
{% include "executive/email.html.j2" %}
```

The stock pages have the blocks `head`, `headlines`, `figures`, `channels`, `pipeline`, `parts` and `notes`.
The mail, its HTML as its text, has `head`, `headlines`, `figures`, `notes`, `attached` (what the PDF is called, and
whether it asks for a password) and `imprint`. A template replaces what it wants to be otherwise, and adds to by
`super()`:

```jinja
{% extends "executive/report.html.j2" %}
{% block channels %}{% endblock %}
{% block notes %}{{ super() }}<p class="note">{{ _("Confidential") }}</p>{% endblock %}
```

## The brand

What `brand` in the [configuration](configuration.md) says comes as `view.brand`: name, logo, footer and two colours.
The stock pages hand the colours to their stylesheet as `--accent` and `--soft`; the mail, whose programs know no such
variables, has them in its `style` element. A colour too pale for text is darkened until it can be read on white.
"""


def reference() -> str:
    """The whole document in Markdown."""
    return "\n".join([_HEAD, _PARTS, "## What a template gets\n", *map(_section, _views(ReportView))])


def _views(view: type) -> Iterator[type]:
    """The view and every view within it, once each, outer before inner."""
    found = [view]
    for outer in found:  # grows while it is walked
        parts = dict.fromkeys(part for hint in get_type_hints(outer).values() for part in _parts(hint))
        found += [part for part in parts if isinstance(part, type) and is_dataclass(part) and part not in found]
    yield from found


def _section(view: type) -> str:
    hints = get_type_hints(view)
    rows = [
        f"| `{field.name}` | {_kind(hints[field.name])} | {VARIABLES[f'{view.__name__}.{field.name}']} |"
        for field in fields(view)
    ]
    title = "`view`" if view is ReportView else view.__name__
    return "\n".join(
        [f"### {title}\n", f"{getdoc(view)}\n", "| field | kind | what it is |", "| --- | --- | --- |", *rows, ""]
    )


def _kind(hint: Any) -> str:
    """A type in the words of an author of templates."""
    if get_origin(hint) is tuple:
        return f"list of {_kind(get_args(hint)[0])}"
    if get_args(hint):
        return " or ".join(map(_kind, get_args(hint)))
    return _WORDS.get(hint) or f"[{hint.__name__}](#{hint.__name__.lower()})"


def _parts(hint: Any) -> Iterator[Any]:
    """A type and the types it is made of."""
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
