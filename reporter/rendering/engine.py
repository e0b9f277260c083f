"""Rendering of HTML, a stylesheet, and pictures to PDF with WeasyPrint: the same input gives the same bytes.

Nothing is fetched, no file is opened, and the clock is not read (the dates of a PDF come from `<meta
name=dcterms.created>` and `dcterms.modified`). Every warning from WeasyPrint is a `RenderError`.

Import this module through `reporter.rendering.pdf` only, which configures the fonts first.
"""

import gc
import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType, SimpleNamespace

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from reporter.domain.errors import RenderError
from reporter.rendering.acceleration.guard import activate
from reporter.rendering.acceleration.native import has_subsetter
from reporter.rendering.archival import VARIANT, ArchivalFile
from reporter.rendering.pdf import Enclosure, environment_variable
from reporter.rendering.translation import SOURCE_LANGUAGE
from reporter.rendering.typefaces import in_language

_SCHEME = "bundle:"
_COLORS = "hr-srgb"
"""Name of the color profile, different from WeasyPrint's own."""
_KNOWN = (
    "Using fontTools instead of HarfBuzz-Subset",  # already reported by the renderer
    'Missing required "lang" attribute',  # allowed in templates; the file then claims no PDF/UA
    'Image "',  # has no alternative text; likewise
)
"""Prefixes of warnings that are not errors."""
_SHOWN = 10

_GRADIENT = "gradient("
"""Stylesheets with gradients are not reused: WeasyPrint stores a gradient's first computed lengths in them."""

_FONT_DATE = "-2082844800"
"""Font date for fontTools, which reads it from the environment: 1904-01-01, the epoch of font dates."""

_log = logging.getLogger(__name__)


class PdfRenderer:
    """Renders documents in sequence with shared fonts and parsed stylesheets, a third faster than separately.

    Documents do not influence each other: a used renderer gives the same bytes as a new one.

    `has_subsetter`: whether HarfBuzz subsets fonts; without it, a document takes four times as long.
    `acceleration`: whether WeasyPrint is accelerated; if not, a document takes half as long again.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._fonts = FontConfiguration()
        self.acceleration = activate(environ)
        self.has_subsetter = has_subsetter()
        if not self.has_subsetter:
            _log.warning("libharfbuzz-subset is not installed: rendering a PDF takes four times as long without it")
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

        A document consists of many objects that live until it is finished. To collect garbage in between would take a
        twentieth of the time, so it is collected once, at the end, among the document's own objects.
        """
        gc.disable()
        try:
            return self._render(html, in_language(stylesheet, language), assets, enclosures)
        except RenderError:
            self._parsed.cache_clear()  # WeasyPrint reports a style's warnings only once
            raise
        finally:
            gc.enable()
            gc.collect(0)

    def _render(
        self, html: str, stylesheet: str, assets: Mapping[str, bytes], enclosures: Sequence[Enclosure]
    ) -> bytes:
        """The PDF. The objects behind it go out of scope here, before garbage collection."""
        styles = (self._parse if _GRADIENT in stylesheet.lower() else self._parsed)(stylesheet)
        with flawless("The document"), environment_variable("SOURCE_DATE_EPOCH", _FONT_DATE):
            document = parse(html, stylesheet, BundleFetcher(assets), is_accelerated=self.acceleration.is_active)
            return write_pdf(document, styles, self._fonts, enclosures)

    def _parse(self, stylesheet: str) -> CSS:
        """The parsed stylesheet. One with warnings raises, so it is never cached."""
        with flawless("The stylesheet"):
            return CSS(string=stylesheet, font_config=self._fonts, url_fetcher=BundleFetcher({}))


class BundleFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Serves `bundle:<name>` from `assets`; never opens a file or a connection."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols={"bundle"}, allow_redirects=False, fail_on_errors=True)
        self._assets = assets

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002  # interface
        """The asset's bytes. Raises ValueError, which stops rendering, for any other URL."""
        name = url.removeprefix(_SCHEME)
        if name == url or name not in self._assets:
            raise ValueError(f"{url[:200]} is not part of the document")
        return URLFetcherResponse(url, self._assets[name])


def parse(html: str, stylesheet: str, url_fetcher: URLFetcher, *, is_accelerated: bool) -> HTML:
    """Parse the document, to be rendered with this stylesheet."""
    if is_accelerated:
        from reporter.rendering.acceleration.document import XhtmlDocument  # noqa: PLC0415  # as in `activate`

        if document := XhtmlDocument.parse(html, stylesheet, url_fetcher):
            return document
    return HTML(string=html, url_fetcher=url_fetcher)


def write_pdf(document: HTML, stylesheet: CSS, fonts: FontConfiguration, enclosures: Sequence[Enclosure] = ()) -> bytes:
    """Write a document as PDF/A-3a and, if the markup allows, PDF/UA-1. The color space is sRGB."""
    file = ArchivalFile()
    document.write_pdf(
        stylesheets=[stylesheet],
        font_config=fonts,
        attachments=[_attachment(each) for each in enclosures],
        pdf_variant=VARIANT,
        color_profiles={_COLORS: _srgb()},
        output_intent=_COLORS,
        finisher=file.finish,
    )
    return file.content


@cache
def _srgb() -> SimpleNamespace:
    """The sRGB profile included in WeasyPrint. WeasyPrint's class does not always reproduce the same bytes."""
    content = (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    return SimpleNamespace(name="sRGB2014", content=content, components="rgb", pdf_reference=None)


def _attachment(enclosure: Enclosure) -> Attachment:
    """The enclosed file as a WeasyPrint attachment."""
    made_at = enclosure.made_at.astimezone(UTC).replace(tzinfo=None)  # WeasyPrint writes it as UTC
    return Attachment(
        file_obj=io.BytesIO(enclosure.content),
        name=enclosure.name,
        description=enclosure.description,
        relationship=enclosure.relation,
        created=made_at,
        modified=made_at,
        url_fetcher=BundleFetcher({}),
    )


class _Warnings(logging.Handler):
    """Collects WeasyPrint's warnings. WeasyPrint might catch exceptions raised here."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not message.startswith(_KNOWN):
            self.messages.append(message[:300])


@contextmanager
def flawless(what: str) -> Iterator[None]:
    """Turn everything WeasyPrint raises or warns about inside the block into one RenderError, and log nothing.

    `what` names the input being processed, at the start of the message.
    """
    log = logging.getLogger("weasyprint")
    warnings = _Warnings()
    propagated, log.propagate = log.propagate, False
    log.addHandler(warnings)
    try:
        yield
    except (Exception, FatalURLFetchingError) as error:  # WeasyPrint does not document its exceptions
        raise RenderError(f"{what} cannot be rendered: {error.__cause__ or error or type(error).__name__}") from error
    finally:
        log.removeHandler(warnings)
        log.propagate = propagated
    if warnings.messages:
        raise RenderError(f"{what} has flaws: " + "; ".join(warnings.messages[:_SHOWN]))
