"""The preview's own pages: the page around all frames, plain text, and errors."""

import re
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from reporter.domain.errors import RenderError, ReporterError
from reporter.rendering.templates import STYLESHEET
from reporter.rendering.typefaces import FAMILY, REGULAR, files, stack

_BUNDLED_IMAGE = re.compile(r'((?:src|href)=")bundle:')
_EMBEDDED_IMAGE = re.compile(r'(src=")cid:([^"@]*)@report')
_STYLES = "".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in ("fonts.css", STYLESHEET, "page.css"))
_LINES_AROUND = 4
"""Lines shown before and after the line with an error."""


def own_page(name: str, **values: object) -> str:
    """Render one of the preview's own pages; every value is escaped."""
    return _environment().get_template(f"{name}.html.j2").render(values)


def own_part(name: str) -> bytes:
    """A style or script of the preview's own pages."""
    return resources.files(__package__).joinpath(name).read_bytes()


def error_page(error: ReporterError) -> str:
    """The page in place of a document that cannot be rendered: the cause, and the lines around it if known."""
    file, line = (error.file, error.line) if isinstance(error, RenderError) else (None, None)
    lines = _lines_around(file, line) if file and line else []
    return own_page("error", reason=str(error), file=str(file or ""), line=line, lines=lines)


def _lines_around(file: Path, line: int) -> list[tuple[int, str]]:
    """The lines around this one, each with its number."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:  # deleted in the meantime
        return []
    first = max(1, line - _LINES_AROUND)
    return list(enumerate(lines[first - 1 : line + _LINES_AROUND], first))


def styled(html: str) -> str:
    """A report's page for the browser, with links to its stylesheets, fonts, and images on this server."""
    return _BUNDLED_IMAGE.sub(r"\1bundle/", html).replace("</head>", f"{_STYLES}</head>", 1)


def illustrated(email: str) -> str:
    """The email for the browser, with links to its embedded images on this server."""
    return _EMBEDDED_IMAGE.sub(r"\1bundle/\2", email)


def font_faces(language: str) -> str:
    """CSS that declares the bundled fonts under the name templates use; browsers try the last declared face first."""
    face = "@font-face {{ font-family: '{}'; font-weight: {}; src: url(fonts/{}) }}\n"
    return "".join(
        face.format(FAMILY, weight, fonts.get(weight, fonts[REGULAR]).name)
        for fonts in map(files, reversed(stack(language)))
        for weight in files(FAMILY)
    )


@cache
def _environment() -> Environment:
    loader = PackageLoader("reporter.preview", "")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
