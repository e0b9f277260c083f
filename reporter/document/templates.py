"""Where templates lie and how they become text: the one place that knows the folder, in a checkout or a wheel.

A template is a folder with `report.html.j2`, `report.css`, `email.html.j2`, `email.txt.j2`, and the parts that these
include. Everything is escaped, an unknown variable is an error, and words go through gettext in the report's language.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from traceback import walk_tb

from babel import Locale
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reporter.document.lines import columns
from reporter.document.view import ReportView
from reporter.document.wording import parse_locale, translations
from reporter.errors import RenderError, UsageError

REPORT, STYLESHEET = "report.html.j2", "report.css"
MAIL_HTML, MAIL_TEXT = "email.html.j2", "email.txt.j2"
FILES = (REPORT, STYLESHEET, MAIL_HTML, MAIL_TEXT)
PLAIN_TEXT = ".txt.j2"
"""How the names of files end that make plain text, the parts of a mail's text among them."""

_PACKAGE = Path(__file__).parents[1]
STOCK = next(folder for folder in (_PACKAGE / "_templates", _PACKAGE.parent / "templates") if folder.is_dir())
"""The templates that come with the software: inside the wheel, else beside the package in a checkout."""


def is_stock(name: str) -> bool:
    """Whether this is the name of a template that comes with the software, and no path."""
    return name in _stock()


def template_folder(name: str) -> Path:
    """The folder of a stock template's name, or of a template given by its path.

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
    """What a template can be named by: the stock's, then the folders in `here` that hold one's files."""
    stock = _stock()
    folders = (page.parent for page in here.glob(f"*/{REPORT}"))  # passes over what may not be looked into
    own = sorted(folder.name for folder in folders if all((folder / file).is_file() for file in FILES))
    return [*stock, *(name for name in own if name not in stock and not name.startswith("."))]


def _stock() -> list[str]:
    return sorted(folder.name for folder in STOCK.iterdir() if folder.is_dir())


def stylesheet(template: str) -> str:
    """The stylesheet of the template's pages. Raises RenderError where it is no text in UTF-8."""
    file = template_folder(template) / STYLESHEET
    if _leads_out(file, file.parent):
        raise RenderError(f"{template}/{STYLESHEET} {_LEADS_OUT}", file)
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(f"{template}/{STYLESHEET} cannot be read: {error}", file) from error


def render(template: str, file: str, view: ReportView, locale: str) -> str:
    """One of a template's files filled with the view.

    Raises:
        RenderError: the template has a fault; the message names file and line.
    """
    folder = template_folder(template)
    try:
        return _environment(folder, parse_locale(locale)).get_template(file).render(view=view)
    except Exception as error:  # an expression in a template can raise anything
        place, line = _place(error, folder / file)
        where = f"{template}/{place.relative_to(folder)}" + (f", line {line}" if line else "")
        raise RenderError(f"{where}: {_reason(error)}", place, line) from error


def forget() -> None:
    """Read every template anew at its next use: for a preview while its author is at work."""
    _environment.cache_clear()


class _OwnFiles(FileSystemLoader):
    """Finds the files of one folder, and nothing that a symbolic link in it leads to elsewhere.

    The software's own lie beside them, each in the folder of its template: `executive/report.html.j2`.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__([folder, STOCK])
        self._folder = folder

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        if _leads_out(self._folder / template, self._folder):
            raise TemplateNotFound(template, f"{template} {_LEADS_OUT}")
        return super().get_source(environment, template)


_LEADS_OUT = "leads out of the template's folder: put a copy of the file there"


def _leads_out(file: Path, folder: Path) -> bool:
    """Whether it lies elsewhere, in a folder of somebody's: how the software's own was installed is not asked."""
    return folder.parent != STOCK and not file.resolve().is_relative_to(folder.resolve())


@cache
def _environment(folder: Path, locale: Locale) -> Environment:
    environment = ImmutableSandboxedEnvironment(  # an archive that is verified may name a template of strangers
        loader=_OwnFiles(folder),
        autoescape=lambda name: not (name or "").endswith(PLAIN_TEXT),  # which is no markup; all else is escaped
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
    )
    environment.filters["columns"] = columns
    environment.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    return environment


def _reason(error: Exception) -> str:
    """What Jinja or Python says; of a file that is not there, only its name is said."""
    if isinstance(error, TemplateNotFound) and not str(error.message).endswith(_LEADS_OUT):
        return f"there is no '{error.name}' in the template's folder"
    return (error.message or "") if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"


def _place(error: Exception, file: Path) -> tuple[Path, int | None]:
    """The file and line that are to blame: those of a syntax error, else the deepest of the template's own."""
    if isinstance(error, TemplateSyntaxError):
        return file.parent / (error.name or file.name), error.lineno
    place, line = file, None
    for frame, number in walk_tb(error.__traceback__):  # Jinja maps it back to the sources
        source = Path(frame.f_code.co_filename)
        if source.is_relative_to(file.parent):
            place, line = source, number
    return place, line
