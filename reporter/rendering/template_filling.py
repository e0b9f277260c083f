"""Rendering of templates with Jinja, and the file and line of each error.

The renderer of PDFs knows only texts, not files. For a stylesheet, its messages contain the line; for the pages, they
quote the cause, which is searched for in the template's files.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from traceback import walk_tb

from babel import Locale
from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reporter.domain.errors import RenderError
from reporter.rendering.plain_text import columns
from reporter.rendering.templates import (
    LEADS_OUT,
    MAIL_HTML,
    MAIL_TEXT,
    PLAIN_TEXT,
    REPORT,
    STOCK,
    STYLESHEET,
    leads_out,
    stylesheet,
    template_folder,
)
from reporter.rendering.translation import SOURCE_LANGUAGE, parse_locale, translations
from reporter.rendering.view import ReportView

_SUBJECT = re.compile(r"The (stylesheet|document) (has flaws|cannot be rendered): ")
_AT = re.compile(r" at (\d+):\d+")
_QUOTED = re.compile(r"[`'](.+?)\s*[`']|(\S+) is not part of the document")


def render(template: str, file: str, view: ReportView, locale: str) -> str:
    """Render one of a template's files with the view.

    Raises:
        RenderError: the template has an error; the message names file and line.
    """
    folder = template_folder(template)
    try:
        return _environment(folder, parse_locale(locale)).get_template(file).render(view=view)
    except Exception as error:  # expressions in templates can raise anything
        raise _attributed(template, *_place(error, folder / file), _reason(error)) from error


def warm_up(template: str) -> None:
    """Compile the files of a template in advance."""
    environment = _environment(template_folder(template), parse_locale(SOURCE_LANGUAGE))
    for file in (REPORT, MAIL_HTML, MAIL_TEXT):
        environment.get_template(file)


def forget() -> None:
    """Reload every template at its next use, for previews of a template that is being edited."""
    _environment.cache_clear()


class _OwnFiles(FileSystemLoader):
    """Loads the files of one folder; symbolic links must not lead outside it.

    The stock templates are available too, each in its own folder: `executive/report.html.j2`.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__([folder, STOCK])
        self._folder = folder

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        if leads_out(self._folder / template, self._folder):
            raise TemplateNotFound(template, f"{template} {LEADS_OUT}")
        return super().get_source(environment, template)


class _Compiled(BytecodeCache):
    """Bytecode cache shared by all languages, since texts are translated at render time."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the bucket's code, unless the template has changed since."""
        if code := self._codes.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the bucket's code."""
        self._codes[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


@cache
def _environment(folder: Path, locale: Locale) -> Environment:
    environment = ImmutableSandboxedEnvironment(  # archives being verified may name untrusted templates
        loader=_OwnFiles(folder),
        autoescape=lambda name: not (name or "").endswith(PLAIN_TEXT),  # plain text is not escaped
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
        bytecode_cache=_compiled,
    )
    environment.filters["columns"] = columns
    environment.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    return environment


def _reason(error: Exception) -> str:
    """The message from Jinja or Python; for a missing file, a message with its name."""
    if isinstance(error, TemplateNotFound) and not str(error.message).endswith(LEADS_OUT):
        return f"there is no '{error.name}' in the template's folder"
    return (error.message or "") if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"


def _place(error: Exception, file: Path) -> tuple[Path, int | None]:
    """The file and line of the error: those of a syntax error, otherwise of the deepest template frame."""
    if isinstance(error, TemplateSyntaxError):
        return file.parent / (error.name or file.name), error.lineno
    place, line = file, None
    for frame, number in walk_tb(error.__traceback__):  # Jinja maps it back to the sources
        source = Path(frame.f_code.co_filename)
        if source.is_relative_to(file.parent):
            place, line = source, number
    return place, line


@contextmanager
def attributed_to(template: str) -> Iterator[None]:
    """Add the template's file, and the line if known, to RenderErrors raised inside the block."""
    try:
        yield
    except RenderError as error:
        message = str(error)
        place = None if error.file else _cause(message, template_folder(template), template)
        if place is None:
            raise
        raise _attributed(template, *place, _SUBJECT.sub("", message, 1)) from error


def _attributed(template: str, file: Path, line: int | None, reason: str) -> RenderError:
    """An error that names the template's file, and the line if known."""
    where = f"{template}/{file.relative_to(template_folder(template))}" + (f", line {line}" if line else "")
    return RenderError(f"{where}: {reason}", file, line)


def _cause(message: str, folder: Path, template: str) -> tuple[Path, int | None] | None:
    """The file and line of the error; None if the template may not be the cause."""
    quoted = _QUOTED.search(message)
    text = (quoted[1] or quoted[2]) if quoted else None
    if message.startswith("The stylesheet has flaws"):
        at = _AT.search(message)
        return folder / STYLESHEET, int(at[1]) if at else _line_of(text, stylesheet(template))
    for file in _pages(folder):
        if line := _line_of(text, file.read_text("utf-8", "replace")):
            return file, line
    return (folder / REPORT, None) if message.startswith("The document has flaws") else None


def _line_of(text: str | None, whole: str) -> int | None:
    before, found, _ = whole.partition(text) if text else ("", "", "")
    return before.count("\n") + 1 if found else None


def _pages(folder: Path) -> list[Path]:
    """The files that the pages may include, the main one first."""
    files = [path for path in folder.rglob("*.html.j2") if path.is_file() and not path.is_symlink()]
    return sorted(files, key=lambda path: (path != folder / REPORT, path))
