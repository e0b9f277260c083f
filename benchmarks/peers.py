"""The compared renderers: this project's, plain WeasyPrint, and Chromium as dashboards use it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

from benchmarks.process import Make, Start
from benchmarks.samples import Page
from reporter.rendering.pdf import renderer, warm_up
from reporter.rendering.typefaces import FAMILY, files

_FACE = "@font-face {{ font-family: '{}'; font-weight: {}; src: url('{}') }}"
_FACES = "".join(_FACE.format(FAMILY, weight, file.as_uri()) for weight, file in files(FAMILY).items())
_GRID = """
.figures { display: grid; grid-template-columns: repeat(3, 1fr) }
.figure { display: block; width: auto }
.table { display: grid; grid-template-columns: 20% 18% 8% 10% 18% 10% 16% }
.table > div { border-top: 0.2mm solid #e3e6eb; padding: 1.3mm 0 1.3mm 1.5mm; align-self: stretch; width: auto }
"""


def standalone(page: Page) -> str:
    """The page as one self-contained file with its styles and fonts, for a browser or a plain call."""
    return page.html.replace("</head>", f"<style>{_FACES}{page.stylesheet}</style></head>")


def grid(page: Page) -> str:
    """The same page laid out with CSS grid, as for a browser: figures and tables are grids."""
    html = re.sub(r"</?(thead|tbody|tr)>", "", standalone(page))
    html = re.sub(r"<(table|th|td)\b", "<div", html)
    html = re.sub(r"</(table|th|td)>", "</div>", html)
    return html.replace("</style>", f"{_GRID}</style>")


@contextmanager
def ours() -> Iterator[Make]:
    """This project's renderer, warm."""
    warm_up()
    yield lambda page: renderer().render(page.html, page.stylesheet)


@contextmanager
def naive_grid() -> Iterator[Make]:
    """`HTML(string=…).write_pdf()` on the page as CSS grid."""
    from weasyprint import HTML  # noqa: PLC0415  # only in its own process, with the host's font configuration

    yield lambda page: HTML(string=grid(page)).write_pdf()


@contextmanager
def naive_tables() -> Iterator[Make]:
    """`HTML(string=…).write_pdf()` on this project's page."""
    from weasyprint import HTML  # noqa: PLC0415  # only in its own process, with the host's font configuration

    yield lambda page: HTML(string=standalone(page)).write_pdf()


@contextmanager
def chromium_tab() -> Iterator[Make]:
    """Headless Chromium: one warm tab that prints page after page."""
    with _chromium() as (browser, file):
        tab = browser.new_page()
        yield lambda page: _print(tab, file, page)


@contextmanager
def chromium_contexts() -> Iterator[Make]:
    """Headless Chromium as dashboards use it: a warm browser, a new context for each report."""
    with _chromium() as (browser, file):

        def make(page: Page) -> bytes:
            context = browser.new_context()
            try:
                return _print(context.new_page(), file, page)
            finally:
                context.close()

        yield make


RENDERERS: dict[str, Start] = {
    "this project, warm": ours,
    "WeasyPrint, naive call, CSS grid": naive_grid,
    "WeasyPrint, naive call, this page": naive_tables,
}
BROWSERS: dict[str, Start] = {
    "Chromium, one warm tab": chromium_tab,
    "Chromium, new context per report": chromium_contexts,
}


def chromium_path() -> str | None:
    """Path of Chromium on this machine; None without it."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def _chromium() -> Iterator[tuple[Browser, Path]]:
    """A warm browser and the file it reads pages from."""
    flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=flags)
        yield browser, Path(folder, "page.html")
        browser.close()


def _print(tab: Tab, file: Path, page: Page) -> bytes:
    file.write_text(standalone(page), "utf-8")
    tab.goto(file.as_uri())
    return tab.pdf(prefer_css_page_size=True, print_background=True)
