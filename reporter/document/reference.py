"""The reference for template authors, written from the view: `python -m reporter.document.reference` renews it."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from inspect import getdoc
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from markupsafe import Markup

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
cp -r templates/executive my-look
hyperrep-report preview --template my-look
hyperrep-report --template my-look --dry-run
```

Where the software was installed without its sources, this says where its templates lie:
`python -c "from reporter.document.templates import STOCK; print(STOCK)"`. `preview` shows report, mail and text in a
browser, anew whenever a file is saved. In the configuration the key is `template`, for all reports or for one.

## Rules

- **Jinja templates.** Each gets one variable, `view`, whose fields are listed below: finished text in the reader's
  language. A template adds and rounds nothing.
- **A name that is not there is an error.** The report fails before any mail, and the sentence names file and line.
- **Everything is escaped**, but for the plain text of the mail. What comes from the API can be no markup.
- **Words go through `_()`**, with placeholders as `_("%(term)s:", term=note.term)`. A text that the catalogs have is
  translated; any other stays as it is written. [Translating](translating.md) says how a text gets into the catalogs.
- **Fonts** are those that come with the software, under the family name `HR Inter`, in weights 400 and 600. A font of
  the machine is never used.
- **Pictures** of the pages are `bundle:` and a name: `bundle:{{ view.brand.logo }}`. Nothing else is opened, neither a
  file nor an address. Charts come as finished markup.
- **A warning is a fault.** A property that the renderer does not know, or a picture that is not there, fails the
  report.
- **The mail's styles** are written into its elements when it is made; what stands in `@media`, and a `style` element
  with `data-css-inline="keep"`, stays beside them.
- **The mail's text** is broken into lines of 72 columns. In `{% filter columns %}` the cells of its lines, parted by
  tabs, stand below each other.
- **The archive keeps the folder's name**, not the folder: `hyperrep-report verify` makes a report again with the
  template as it is then. Keep a template where it is, and give a changed look a new name.
"""


def reference() -> str:
    """The whole document in Markdown."""
    return "\n".join([_HEAD, "## What a template gets\n", *map(_section, _views(ReportView))])


def _views(view: type) -> Iterator[type]:
    """The view and every view within it, once each, outer before inner."""
    found = [view]
    for outer in found:  # grows while it is walked
        parts = dict.fromkeys(part for hint in get_type_hints(outer).values() for part in _parts(hint))
        found += [part for part in parts if isinstance(part, type) and is_dataclass(part) and part not in found]
    yield from found


def _section(view: type) -> str:
    hints = get_type_hints(view)
    rows = [f"| `{field.name}` | {_kind(hints[field.name])} |" for field in fields(view)]
    title = "`view`" if view is ReportView else view.__name__
    return "\n".join([f"### {title}\n", f"{getdoc(view)}\n", "| field | kind |", "| --- | --- |", *rows, ""])


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
