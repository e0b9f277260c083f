"""The renderer's interface to WeasyPrint, without access to files or the network.

Import it through `reporter.rendering.pdf` only: loading WeasyPrint takes half a second, and fontconfig must have been
configured before.
"""

import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from importlib.resources import files

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from reporter.domain.errors import RenderError
from reporter.rendering.acceleration.guard import activate
from reporter.rendering.acceleration.native import has_subsetter
from reporter.rendering.archival import VARIANT, ArchivalFile
from reporter.rendering.pdf_attachment import Enclosure

__all__ = [
    "CSS",
    "BundleFetcher",
    "FontConfiguration",
    "activate",
    "attachment",
    "flawless",
    "has_subsetter",
    "parse",
    "write_pdf",
]

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
        attachments=[attachment(each) for each in enclosures],
        pdf_variant=VARIANT,
        color_profiles={_COLORS: _srgb()},
        output_intent=_COLORS,
        finisher=file.finish,
    )
    return file.content


@dataclass
class _Profile:
    """A color profile with WeasyPrint's interface. WeasyPrint's class does not always reproduce the same bytes."""

    name: str
    content: bytes
    components: str = "rgb"
    pdf_reference: bytes | None = None


@cache
def _srgb() -> _Profile:
    """The sRGB profile included in WeasyPrint, read once."""
    return _Profile("sRGB2014", (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes())


def attachment(enclosure: Enclosure) -> Attachment:
    """The enclosed file as a WeasyPrint attachment."""
    made_at = enclosure.made_at.astimezone(UTC).replace(tzinfo=None)  # WeasyPrint writes it as UTC
    return Attachment(
        file_obj=io.BytesIO(enclosure.content),
        name=enclosure.name,
        description=enclosure.description,
        relationship=enclosure.relation.value,
        created=made_at,
        modified=made_at,
        url_fetcher=BundleFetcher({}),
    )


class _Flaws(logging.Handler):
    """Collects WeasyPrint's warnings. WeasyPrint might catch exceptions raised here."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not message.startswith(_KNOWN):
            self.seen.append(message[:300])


@contextmanager
def flawless(what: str) -> Iterator[None]:
    """Turn everything WeasyPrint raises or warns about inside the block into one RenderError, and log nothing.

    `what` names the input being processed, at the start of the message.
    """
    log = logging.getLogger("weasyprint")
    flaws = _Flaws()
    heard_by_others, log.propagate = log.propagate, False
    log.addHandler(flaws)
    try:
        yield
    except (Exception, FatalURLFetchingError) as error:  # WeasyPrint does not document its exceptions
        raise RenderError(f"{what} cannot be rendered: {error.__cause__ or error or type(error).__name__}") from error
    finally:
        log.removeHandler(flaws)
        log.propagate = heard_by_others
    if flaws.seen:
        raise RenderError(f"{what} has flaws: " + "; ".join(flaws.seen[:_SHOWN]))
