"""The step from HTML to PDF: finished markup, a stylesheet and pictures go in, the same bytes come out every time.

What the host has does not matter: the only fonts are the software's own, nothing is fetched, no clock is read
(the dates of a PDF come from `<meta name=dcterms.created>` and `dcterms.modified`). A document about which WeasyPrint
has a word to say is not a document: every warning is a `RenderError`.

WeasyPrint takes half a second to import, so that happens when the first renderer is made; `warm_up` in a thread hides
it behind the API's answers.
"""

import gc
import io
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import MappingProxyType, ModuleType
from typing import Any
from xml.sax.saxutils import escape

from reporter.domain.errors import RenderError
from reporter.rendering.acceleration.acceleration_status import AccelerationStatus
from reporter.rendering.pdf_attachment import Enclosure
from reporter.rendering.translation import SOURCE_LANGUAGE
from reporter.rendering.typefaces import EMOJI, FAMILY, PREFIX, files, folders, in_language, stack

INSTALL = (
    "Install what WeasyPrint needs: on Debian and Ubuntu `apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0`, on macOS `brew install pango`."
)
"""What to do where the engine cannot be loaded, or is slow."""

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  {folders}
  <cachedir>{cache}</cachedir>
  <match target="scan">
    <edit name="family" mode="assign"><plus><string>{prefix}</string><name>family</name></plus></edit>
  </match>
  <match target="pattern">
    <test name="family"><string>emoji</string></test>
    <edit name="family" mode="assign" binding="strong"><string>{emoji}</string></edit>
  </match>
  <match target="pattern">
    <edit name="family" mode="append_last" binding="strong">{families}</edit>
  </match>
</fontconfig>
"""
"""The private names; `emoji`, which is what Pango asks for where it sees one; the order for everything else."""

_GRADIENT = "gradient("
"""What keeps a stylesheet to one document: WeasyPrint writes into it how long a gradient's lengths came out first."""

_FONT_DATE = "-2082844800"
"""The date in fonts that fontTools writes, as it reads it from the environment: 1904-01-01, the zero of font dates."""

_log = logging.getLogger(__name__)


class PdfRenderer:
    """Renders documents one after another with shared fonts and parsed stylesheets: a third cheaper than one by one.

    Not for several threads at once: a lock makes them wait for each other. To use every core take a `RenderPool`.
    Documents do not influence each other: a used renderer gives the same bytes as a fresh one.

    `has_subsetter`: whether HarfBuzz subsets fonts; without it, a document takes four times as long.
    `acceleration`: whether WeasyPrint is accelerated; if not, a document takes half as long again.
    """

    def __init__(self) -> None:
        """Raises RenderError where WeasyPrint, a library it needs or the fonts cannot be loaded."""
        if not files(FAMILY):  # without any font Pango ends the whole process
            raise RenderError("The fonts are missing: install the software again")
        self._lock = Lock()
        try:
            with _no_fonts_but(stack(SOURCE_LANGUAGE)):
                self._engine = _load()
                self._fonts = self._engine.FontConfiguration()
        except (OSError, ImportError) as error:
            reason = str(error).partition(".  Additionally")[0]
            raise RenderError(f"WeasyPrint or a library it needs cannot be loaded ({reason}). {INSTALL}") from error
        self.acceleration: AccelerationStatus = self._engine.activate(os.environ)
        self.has_subsetter: bool = self._engine.has_subsetter()
        if not self.has_subsetter:
            _log.warning("libharfbuzz-subset is not installed: making a PDF takes four times as long without it")
        self._parsed = lru_cache(maxsize=16)(self._parse)

    def render(
        self,
        html: str,
        stylesheet: str,
        assets: Mapping[str, bytes] = MappingProxyType({}),
        *,
        language: str = SOURCE_LANGUAGE,
        enclosures: Sequence[Enclosure] = (),
    ) -> bytes:
        """The PDF of `html` dressed by `stylesheet`; `assets` are what `bundle:<name>` in either stands for.

        It is PDF/A-3a and PDF/UA-1, as far as the markup allows, and carries the `enclosures`. The language decides
        which typeface draws what several could. Raises RenderError when it cannot be made, asks for anything but its
        assets, or makes WeasyPrint warn.
        """
        with self._lock, _garbage_left_for_later():
            try:
                return self._made(html, in_language(stylesheet, language), assets, enclosures)
            except RenderError:
                self._parsed.cache_clear()  # what WeasyPrint has said of a style once, it does not say again
                raise

    def _made(self, html: str, stylesheet: str, assets: Mapping[str, bytes], enclosures: Sequence[Enclosure]) -> bytes:
        """The PDF. What it was made from ends here, before anybody looks for garbage."""
        styles = (self._parse if _GRADIENT in stylesheet.lower() else self._parsed)(stylesheet)
        with self._engine.flawless("The document"):
            fetcher = self._engine.BundleFetcher(assets)
            document = self._engine.parse(html, stylesheet, fetcher, is_accelerated=self.acceleration.is_active)
            with _variable("SOURCE_DATE_EPOCH", _FONT_DATE):
                pdf: bytes = self._engine.write_pdf(document, styles, self._fonts, enclosures)
        return pdf

    def _parse(self, stylesheet: str) -> Any:
        """The parsed stylesheet. One that warns raises, and so is never kept."""
        with self._engine.flawless("The stylesheet"):
            fetcher = self._engine.BundleFetcher({})
            return self._engine.CSS(string=stylesheet, font_config=self._fonts, url_fetcher=fetcher)


@cache
def renderer() -> PdfRenderer:
    """This process's one renderer."""
    return PdfRenderer()


@cache
def warm_up(style: str = "") -> None:
    """Pay now, once per process, for what the first document would otherwise wait for: the import and a first page.

    `style` is the stylesheet that most documents are dressed by. What is loaded then stays for good, so the garbage
    collector need not look at it again with every document.
    """
    renderer().render("<title>x</title><p>x <b>x</b><table><tr><td><svg><path d='M0 0'/></svg></table>", style)
    gc.freeze()


@contextmanager
def _garbage_left_for_later() -> Iterator[None]:
    """Look for garbage once, after the block, and only among what it made.

    A document is a great many objects that all hang together until it is done: looking in between costs a twentieth of
    its time, and the process holds on to more memory.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect(0)


@contextmanager
def _no_fonts_but(families: tuple[str, ...]) -> Iterator[None]:
    """Have fontconfig read our own fonts, under their private names and in this order, and no other.

    Its configuration is needed only while WeasyPrint reads it, so that nothing stays on the disk or in the environment.
    """
    with TemporaryDirectory(prefix="hyperrep-report-", ignore_cleanup_errors=True) as folder:
        configuration = Path(folder, "fonts.conf")
        values = {
            "folders": "".join(f"<dir>{escape(str(fonts))}</dir>" for fonts in folders()),
            "cache": escape(folder),
            "prefix": PREFIX,
            "emoji": EMOJI,
            "families": "".join(f"<string>{family}</string>" for family in families),
        }
        configuration.write_text(_FONTCONFIG.format(**values), encoding="utf-8")
        with _variable("FONTCONFIG_FILE", str(configuration)):
            yield


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    """Set an environment variable inside the block: libraries read it, and nothing else should."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def _load() -> ModuleType:
    """The engine, on fonts of our own."""
    warnings.filterwarnings("ignore", "HarfBuzz-Subset will be required", DeprecationWarning)  # we say it in our words
    # Where a library is missing, WeasyPrint prints a notice before it raises; the renderer has a message of its own.
    # The redirection is process-wide, which is safe: only worker processes render, and they print no results.
    with redirect_stdout(io.StringIO()):
        from reporter.rendering import engine  # noqa: PLC0415  # half a second, and fontconfig must be told before

    return engine
