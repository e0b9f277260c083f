"""Where templates lie and how they become text: the one place that knows the folder, in a checkout or a wheel.

A template is a folder with `report.html.j2`, `report.css`, `email.html.j2` and `email.txt.j2`. Everything is escaped,
an unknown variable is an error, and words go through gettext in the report's language.
"""

from functools import cache
from pathlib import Path

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reporter.document.view import ReportView
from reporter.document.wording import parse_locale, translations
from reporter.errors import RenderError, UsageError

REPORT, STYLESHEET = "report.html.j2", "report.css"
MAIL_HTML, MAIL_TEXT = "email.html.j2", "email.txt.j2"
FILES = (REPORT, STYLESHEET, MAIL_HTML, MAIL_TEXT)

_PACKAGE = Path(__file__).parents[1]
STOCK = next(folder for folder in (_PACKAGE / "_templates", _PACKAGE.parent / "templates") if folder.is_dir())
"""The templates that come with the software: inside the wheel, else beside the package in a checkout."""


def template_folder(name: str) -> Path:
    """The folder of a stock template's name, or of a template given by its path.

    Raises:
        UsageError: there is no such template, or it lacks a file.
    """
    stock = sorted(folder.name for folder in STOCK.iterdir() if folder.is_dir())
    folder = STOCK / name if name in stock else Path(name)
    if not folder.is_dir():
        raise UsageError(f"There is no template '{name}': give a folder, or one of {', '.join(stock)}.")
    lacking = [file for file in FILES if not (folder / file).is_file()]
    if lacking:
        raise UsageError(f"The template '{name}' lacks {', '.join(lacking)}; start from a copy of '{stock[0]}'.")
    return folder


def stylesheet(template: str) -> str:
    """The stylesheet of the template's pages."""
    return (template_folder(template) / STYLESHEET).read_text("utf-8")


def render(template: str, file: str, view: ReportView, locale: str) -> str:
    """One of a template's files filled with the view.

    Raises:
        RenderError: the template has a fault; the message names file and line.
    """
    environment = _environment(template_folder(template), parse_locale(locale))
    try:
        return environment.get_template(file).render(view=view)
    except TemplateError as error:
        line = getattr(error, "lineno", None) or _line(error, file)
        raise RenderError(f"{template}/{file}, line {line}: {error.message or error}") from error


def forget() -> None:
    """Read every template anew at its next use: for a preview while its author is at work."""
    _environment.cache_clear()


@cache
def _environment(folder: Path, locale: Locale) -> Environment:
    environment = ImmutableSandboxedEnvironment(  # an archive that is verified may name a template of strangers
        loader=FileSystemLoader(folder),
        autoescape=lambda name: name != MAIL_TEXT,  # noqa: S701 - plain text is no markup, all else is escaped
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
    )
    environment.install_gettext_translations(translations(locale.language), newstyle=True)  # type: ignore[attr-defined]
    return environment


def _line(error: TemplateError, file: str) -> int | str:
    """The deepest line of the template in the error's traceback, which Jinja maps back to the source."""
    line: int | str = "?"
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.endswith(file):
            line = step.tb_lineno
        step = step.tb_next
    return line
