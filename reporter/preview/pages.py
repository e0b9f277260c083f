"""The preview's own pages: the page around all frames, plain text, and errors."""

import re
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from reporter.rendering.templates import STYLESHEET
from reporter.rendering.typefaces import FAMILY, REGULAR, files, stack

_BUNDLED = re.compile(r'((?:src|href)=")bundle:')
_ENCLOSED = re.compile(r'(src=")cid:([^"@]*)@report')
_DRESS = "".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in ("fonts.css", STYLESHEET, "page.css"))


def own_page(name: str, **values: object) -> str:
    """Render one of the preview's own pages; every value is escaped."""
    return _environment().get_template(f"{name}.html.j2").render(values)


def own_part(name: str) -> bytes:
    """A style or script of the preview's own pages."""
    return resources.files(__package__).joinpath(name).read_bytes()


def dressed(html: str) -> str:
    """A report's page for the browser, with links to its stylesheets, fonts, and images on this server."""
    return _BUNDLED.sub(r"\1bundle/", html).replace("</head>", f"{_DRESS}</head>", 1)


def illustrated(mail: str) -> str:
    """The email for the browser, with links to its embedded images on this server."""
    return _ENCLOSED.sub(r"\1bundle/\2", mail)


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
