"""The pages of the preview that are its own: the one around all frames, plain text, and a fault explained."""

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
    """One of the preview's own pages; every value is escaped."""
    return _environment().get_template(f"{name}.html.j2").render(values)


def own_part(name: str) -> bytes:
    """A style or script of the preview's own pages."""
    return resources.files(__package__).joinpath(name).read_bytes()


def dressed(html: str) -> str:
    """A report's page as a browser shows it: with its styles, our fonts, and its pictures from where we serve them."""
    return _BUNDLED.sub(r"\1bundle/", html).replace("</head>", f"{_DRESS}</head>", 1)


def illustrated(mail: str) -> str:
    """The mail as a browser shows it: with the pictures that it brings along from where we serve them."""
    return _ENCLOSED.sub(r"\1bundle/\2", mail)


def font_faces(language: str) -> str:
    """The style that makes our fonts known by the name that templates use: of several faces a browser asks the last."""
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
