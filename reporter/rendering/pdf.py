"""Rendering of HTML, a stylesheet, and pictures to PDF: the same input gives the same bytes.

The result does not depend on the host: only the bundled fonts are used, nothing is fetched, and the clock is not read
(the dates of a PDF come from `<meta name=dcterms.created>` and `dcterms.modified`). Every warning from WeasyPrint is a
`RenderError`.

WeasyPrint takes half a second to import, so it is imported when the first renderer is created; `warm_up` in a thread
does so while the API responds.
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
"""Hint for an engine that cannot be loaded or is slow."""

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
"""Private family names; the family for `emoji`, which Pango requests for emoji; the order of all families."""

_GRADIENT = "gradient("
"""Stylesheets with gradients are not reused: WeasyPrint stores a gradient's first computed lengths in them."""

_FONT_DATE = "-2082844800"
"""Font date for fontTools, which reads it from the environment: 1904-01-01, the epoch of font dates."""

_log = logging.getLogger(__name__)


class PdfRenderer:
    """Renders documents in sequence with shared fonts and parsed stylesheets, a third faster than separately.

    Calls from several threads are serialized by a lock. To use every core, use a `RenderPool`.
    Documents do not influence each other: a used renderer gives the same bytes as a new one.

    `has_subsetter`: whether HarfBuzz subsets fonts; without it, a document takes four times as long.
    `acceleration`: whether WeasyPrint is accelerated; if not, a document takes half as long again.
    """

    def __init__(self) -> None:
        """Raises RenderError if WeasyPrint, a library it needs, or the fonts cannot be loaded."""
        if not files(FAMILY):  # without any font, Pango aborts the process
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
        """Render `html` with `stylesheet` to PDF; `assets` are served as `bundle:<name>`.

        The file is PDF/A-3a and, if the markup allows, PDF/UA-1, with the `enclosures` attached. The language selects
        the typeface for characters that several have. Raises RenderError if rendering fails, requests anything but the
        assets, or makes WeasyPrint warn.
        """
        with self._lock, _garbage_left_for_later():
            try:
                return self._made(html, in_language(stylesheet, language), assets, enclosures)
            except RenderError:
                self._parsed.cache_clear()  # WeasyPrint reports a style's warnings only once
                raise

    def _made(self, html: str, stylesheet: str, assets: Mapping[str, bytes], enclosures: Sequence[Enclosure]) -> bytes:
        """The PDF. The objects behind it go out of scope here, before garbage collection."""
        styles = (self._parse if _GRADIENT in stylesheet.lower() else self._parsed)(stylesheet)
        with self._engine.flawless("The document"):
            fetcher = self._engine.BundleFetcher(assets)
            document = self._engine.parse(html, stylesheet, fetcher, is_accelerated=self.acceleration.is_active)
            with _variable("SOURCE_DATE_EPOCH", _FONT_DATE):
                pdf: bytes = self._engine.write_pdf(document, styles, self._fonts, enclosures)
        return pdf

    def _parse(self, stylesheet: str) -> Any:
        """The parsed stylesheet. One with warnings raises, so it is never cached."""
        with self._engine.flawless("The stylesheet"):
            fetcher = self._engine.BundleFetcher({})
            return self._engine.CSS(string=stylesheet, font_config=self._fonts, url_fetcher=fetcher)


@cache
def renderer() -> PdfRenderer:
    """The process-wide renderer."""
    return PdfRenderer()


@cache
def warm_up(style: str = "") -> None:
    """Import the engine and render a first page, once per process, so that the first document need not wait.

    `style` is the stylesheet of most documents. What is loaded stays loaded, so it is excluded from later garbage
    collections.
    """
    renderer().render("<title>x</title><p>x <b>x</b><table><tr><td><svg><path d='M0 0'/></svg></table>", style)
    gc.freeze()


@contextmanager
def _garbage_left_for_later() -> Iterator[None]:
    """Collect garbage once, after the block, and only among objects created in it.

    A document consists of many objects that live until it is finished: collecting in between takes a twentieth of the
    time, and increases memory use.
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
    """Restrict fontconfig to the bundled fonts, under their private names and in this order.

    The configuration is needed only while WeasyPrint reads it, so nothing remains on the disk or in the environment.
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
    """Set an environment variable inside the block, for libraries that read it."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def _load() -> ModuleType:
    """Load the engine; call it with fontconfig restricted to the bundled fonts."""
    warnings.filterwarnings("ignore", "HarfBuzz-Subset will be required", DeprecationWarning)  # reported elsewhere
    # If a library is missing, WeasyPrint prints a message before it raises; the renderer has a message of its own.
    # The redirection is process-wide, which is safe: only worker processes render, and they print no results.
    with redirect_stdout(io.StringIO()):
        from reporter.rendering import engine  # noqa: PLC0415  # takes half a second; after fontconfig's configuration

    return engine
