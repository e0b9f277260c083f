"""Implementation of `template new`: copy a template into a new folder, completely or not at all."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from reporter.domain.errors import UsageError
from reporter.files import unfinished_name
from reporter.rendering.templates import is_stock, template_folder

README = "README.md"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_GUIDE = """\
# {name}

A look for the reports of hyperrep-report, begun as a copy of `{origin}`. In the folder that holds this one:

1. See it in a browser, anew whenever a file is saved:
   `hyperrep-report preview --template {name}`
2. Have every fault told with its file and line, also those that only odd figures bring to light:
   `hyperrep-report template check {name}`
3. Use it, for all reports or in one report's block of `hyperrep-report.toml`, which is relative to that file:
   `template = "{name}"`

`hyperrep-report template reference` lists every variable, and the rules. A file that is to stay as the software has it,
also in later versions, needs one line: `{{% include "executive/email.html.j2" %}}`. Parts of your own are included in
the same way, by their path in this folder.
"""


def copy_template(name: str, origin: str, into: Path) -> Iterator[str]:
    """Copy the template to the folder `into`/`name`, and yield the path of each file written. Raises UsageError."""
    source, target = template_folder(origin), into / name
    _refuse(name, target)
    unfinished = into / unfinished_name(name)
    try:
        into.mkdir(parents=True, exist_ok=True)
        for file in _files(source):
            copy = unfinished / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
        (unfinished / README).write_text(_GUIDE.format(name=name, origin=origin), "utf-8")
        unfinished.rename(target)
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written ({error.strerror}): choose another folder with --into."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    yield from (str(file) for file in _files(target))


def _refuse(name: str, target: Path) -> None:
    """Raise UsageError for a name that belongs to another template or is in use."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name[:80]}' is no name for a folder: take letters, digits, dots, hyphens; --into says where."
        )
    if is_stock(name):
        raise UsageError(f"'{name}' is the name of a look that comes with the software: choose another.")
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target} is there already, and stays as it is: choose another name.")


def _files(folder: Path) -> list[Path]:
    """The files of a template, at any depth; no hidden files and no links, which could point anywhere."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
