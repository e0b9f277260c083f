"""Location of templates, in a checkout or a wheel.

A template is a folder with `report.html.j2`, `report.css`, `email.html.j2`, `email.txt.j2`, and the parts that these
include. Everything is escaped, unknown variables are errors, and gettext translates texts to the report's language.
"""

from pathlib import Path

from reporter.domain.errors import RenderError, UsageError

DEFAULT = "executive"
"""The template of a report that names none."""

REPORT, STYLESHEET = "report.html.j2", "report.css"
MAIL_HTML, MAIL_TEXT = "email.html.j2", "email.txt.j2"
FILES = (REPORT, STYLESHEET, MAIL_HTML, MAIL_TEXT)
PLAIN_TEXT = ".txt.j2"
"""Suffix of templates for plain text, including parts of the email's text."""

_PACKAGE = Path(__file__).parents[1]
STOCK = next(folder for folder in (_PACKAGE / "_templates", _PACKAGE.parent / "templates") if folder.is_dir())
"""The templates that come with the software: inside the wheel, else beside the package in a checkout."""


def is_stock(name: str) -> bool:
    """Whether this is the name of a stock template, not a path."""
    return name in _stock()


def template_folder(name: str) -> Path:
    """The folder of a template, given by a stock template's name or by its path.

    Raises:
        UsageError: there is no such template, or it lacks a file.
    """
    stock = _stock()
    folder = STOCK / name if name in stock else Path(name)
    if not folder.is_dir():
        raise UsageError(f"There is no template '{name}': give a folder, or one of {', '.join(stock)}.")
    lacking = [file for file in FILES if not (folder / file).is_file()]
    if lacking:
        raise UsageError(f"The template '{name}' lacks {', '.join(lacking)}; start from a copy of '{stock[0]}'.")
    return folder


def names(here: Path) -> list[str]:
    """Available template names: the stock templates, then the folders in `here` that contain a template."""
    stock = _stock()
    folders = (page.parent for page in here.glob(f"*/{REPORT}"))  # skips unreadable folders
    own = sorted(folder.name for folder in folders if all((folder / file).is_file() for file in FILES))
    return [*stock, *(name for name in own if name not in stock and not name.startswith("."))]


def _stock() -> list[str]:
    return sorted(folder.name for folder in STOCK.iterdir() if folder.is_dir())


def stylesheet(template: str) -> str:
    """Read the stylesheet of the template's pages. Raises RenderError if it cannot be read as UTF-8."""
    file = template_folder(template) / STYLESHEET
    if leads_out(file, file.parent):
        raise RenderError(f"{template}/{STYLESHEET} {LEADS_OUT}", file)
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"{template}/{STYLESHEET} cannot be read: {error}", file) from error


LEADS_OUT = "leads out of the template's folder: put a copy of the file there"


def leads_out(file: Path, folder: Path) -> bool:
    """Whether a file is outside its template's folder; stock templates are not checked."""
    return folder.parent != STOCK and not file.resolve().is_relative_to(folder.resolve())
