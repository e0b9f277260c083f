"""Write docs/templates.md from the view: `python scripts/template_reference.py`."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from inspect import getdoc
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from markupsafe import Markup

from reporter.rendering import view
from reporter.rendering.view import ReportView

FILE = Path(__file__).parents[1] / "docs" / "templates.md"
_TYPES = {
    str: "text",
    int: "whole number",
    bool: "yes or no",
    Markup: "finished markup",
    object: "value",
    NoneType: "none",
}

_HEAD = """\
# Templates

<!-- Written by `python scripts/template_reference.py`; change that script or reporter/rendering/view.py instead. -->

A template defines how a report looks. It is a folder with these files, and contains no Python:

| file | contents |
| --- | --- |
| `report.html.j2` | the pages, as HTML |
| `report.css` | their stylesheet, CSS for print |
| `email.html.j2` | the email, as HTML with a `style` element |
| `email.txt.j2` | the email's plain text |

The built-in template is called `executive`. To change it, work on a copy:

```sh
hyperrep-report template new my-template
hyperrep-report preview --template my-template
hyperrep-report template check my-template
hyperrep-report --template my-template --dry-run
```

`template check` renders ordinary and unusual reports, for example without figures or with hostile names, and lists each
error with file and line. To use the template, set `template` in the configuration, for all reports or for one.
`template list` prints the available templates, and `template reference` prints this page.

## The preview

`preview` shows the PDF, the email at phone width (390 px) and computer width (800 px), and the data side by side in a
browser, and each of them alone, along with the email's plain text and the HTML of the pages. Emails are scaled down if
they would not fit. Whenever you save a file of the template, everything is rendered again. A document that cannot be
rendered is marked with a dot, and shows the error, the file, the line, and the lines around it instead, until you save
a fix. The data is the content of `report.json`; you can collapse and search it.

## Rules

- **Jinja templates.** Each gets one variable, `view`, whose fields are listed below: finished text in the recipient's
  language. A template does not calculate or round.
- **Undefined names are errors.** The report fails before any email is sent, and the error names file and line, as in
  `my-template/report.css, line 12: …`. The same goes for a syntax error, a missing part or image, and anything the
  renderer does not support.
- **A template can access the view and its own files, and nothing else**: no attribute that begins with an underscore,
  no method that changes a value, no path and no symbolic link out of its folder. This is Jinja's sandbox.
- **Everything is escaped**, except in files that end in `.txt.j2`, which produce the email's plain text. Text from the
  API never becomes markup.
- **Text goes through `_()`**, with placeholders as in `_("%(term)s:", term=note.term)`. A text that is in the catalogs
  is translated; any other is shown as written. [Translating](translating.md) explains how a text gets into the
  catalogs.
- **Fonts** are the bundled ones, under the family name `HR Inter`, in weights 400 and 600. Characters that Inter lacks
  automatically use the bundled fonts for Arabic, Hebrew, Devanagari, and emoji, and if the extra `cjk` is installed,
  those for Chinese, Japanese, and Korean. A font installed on the machine is never used.
- **Right-to-left pages** are mirrored automatically if they are laid out with inline blocks, tables, and the sides
  `start` and `end`; for anything else, use `view.direction`. Numbers and names include marks that keep their own
  direction.
- **Images** in the pages are `bundle:` and a name: `bundle:{{ view.brand.logo }}`. Nothing else is opened, neither a
  file nor an address. Charts are finished markup. Images in the email are `cid:`, the name, and `@report`, and must be
  PNG: email clients do not display SVG.
- **Warnings are errors.** A CSS property that the renderer does not support, or a missing image, fails the report.
- **The email's styles** are inlined into its elements when it is rendered; rules in `@media`, and a `style` element
  with `data-css-inline="keep"`, are kept as well.
- **The email's plain text** is wrapped at 72 columns. `{% filter columns %}` aligns the tab-separated cells of its
  lines in columns.
- **The archive stores the folder's name**, not the folder: `hyperrep-report verify` renders a report again with the
  template as it is at that time. Leave a template where it is, and give a changed template a new name.
"""


_PARTS = """\
## Parts

A template can be split into parts. They are files in its folder or in subfolders, and are named by their path from
there:

```jinja
{% include "parts/head.html.j2" %}
{% from "parts/macros.html.j2" import figure with context %}
```

An included part has access to `view`. A macro gets its arguments, and `view` as well if it is imported `with context`.
The built-in files are also available, under the name of their template, unless your folder has a file with the same
path. A file that should stay the same as the built-in one, in later versions too, needs only one line:

```jinja
{% include "executive/email.html.j2" %}
```

The built-in pages have the blocks `head`, `headlines`, `figures`, `channels`, `pipeline`, `parts`, and `notes`. The
email, both its HTML and its plain text, has `head`, `headlines`, `figures`, `notes`, `attached` (the name of the PDF,
and whether it needs a password), and `imprint`. A template replaces the blocks it wants to change, and adds to a block
with `super()`:

```jinja
{% extends "executive/report.html.j2" %}
{% block channels %}{% endblock %}
{% block notes %}{{ super() }}<p class="note">{{ _("Confidential") }}</p>{% endblock %}
```

## The brand

The `brand` table of the [configuration](configuration.md) is available as `view.brand`: name, logo, footer, and colors.
The built-in pages pass the colors to their stylesheet as `--accent` and `--soft`; the email has them in its `style`
element, since email clients do not support such variables. A color too pale for text is darkened until it is readable
on white.
"""


def reference() -> str:
    """The document in Markdown."""
    views = [each for each in vars(view).values() if is_dataclass(each)]
    return "\n".join([_HEAD, _PARTS, "## Variables\n", *map(_section, reversed(views))])


def _section(view: Any) -> str:
    """A view's section: its docstring, and a row per field; each field has a description."""
    hints = get_type_hints(view, include_extras=True).items()
    rows = [f"| `{name}` | {_kind(hint.__origin__)} | {hint.__metadata__[0]} |" for name, hint in hints]
    title = "`view`" if view is ReportView else view.__name__
    return "\n".join(
        [f"### {title}\n", f"{getdoc(view)}\n", "| field | type | meaning |", "| --- | --- | --- |", *rows, ""]
    )


def _kind(hint: Any) -> str:
    """The type in a template author's words."""
    if get_origin(hint) is tuple:
        return f"list of {_kind(get_args(hint)[0])}"
    if get_origin(hint) is Mapping:
        key, value = map(_kind, get_args(hint))
        return f"mapping of {key} to {value}"
    if get_args(hint):
        return " or ".join(map(_kind, get_args(hint)))
    return _TYPES.get(hint) or f"[{hint.__name__}](#{hint.__name__.lower()})"


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
