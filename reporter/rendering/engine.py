"""What the renderer uses of WeasyPrint, and the closed world it works in.

Import it through `reporter.rendering.pdf` only: loading WeasyPrint takes half a second, and fontconfig must have been
told which fonts there are before.
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
"""What the profile is called: not as WeasyPrint calls its own."""
_KNOWN = (
    "Using fontTools instead of HarfBuzz-Subset",  # what the machine lacks, and the renderer has said so
    'Missing required "lang" attribute',  # a template that does not care is not made to: its file claims no PDF/UA
    'Image "',  # has no alternative text, likewise
)
"""How the warnings begin that fail no document."""
_SHOWN = 10


class BundleFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Answers `bundle:<name>` from `assets`; opens no file and no connection, whatever a document asks for."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols={"bundle"}, allow_redirects=False, fail_on_errors=True)
        self._assets = assets

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002  # its protocol
        """The asset's bytes. Raises ValueError, which stops the rendering, for everything else."""
        name = url.removeprefix(_SCHEME)
        if name == url or name not in self._assets:
            raise ValueError(f"{url[:200]} is not part of the document")
        return URLFetcherResponse(url, self._assets[name])


def parse(html: str, stylesheet: str, url_fetcher: URLFetcher, *, is_accelerated: bool) -> HTML:
    """The document, to be rendered with this stylesheet."""
    if is_accelerated:
        from reporter.rendering.acceleration.document import XhtmlDocument  # noqa: PLC0415  # as in `activate`

        if document := XhtmlDocument.parse(html, stylesheet, url_fetcher):
            return document
    return HTML(string=html, url_fetcher=url_fetcher)


def write_pdf(document: HTML, stylesheet: CSS, fonts: FontConfiguration, enclosures: Sequence[Enclosure] = ()) -> bytes:
    """The PDF/A-3a and, as far as the markup allows, PDF/UA-1 file of a document. Its color space is sRGB."""
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
    """A colour profile as WeasyPrint asks for it. Its own class reads and writes the profile, and not always alike."""

    name: str
    content: bytes
    components: str = "rgb"
    pdf_reference: bytes | None = None


@cache
def _srgb() -> _Profile:
    """The profile that WeasyPrint brings, read once."""
    return _Profile("sRGB2014", (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes())


def attachment(enclosure: Enclosure) -> Attachment:
    """The enclosed file as WeasyPrint takes it."""
    made_at = enclosure.made_at.astimezone(UTC).replace(tzinfo=None)  # written as UTC, whatever the zone
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
    """Keeps what WeasyPrint says of a document. Raising here would be taken for a flaw of its own."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not message.startswith(_KNOWN):
            self.seen.append(message[:300])


@contextmanager
def flawless(what: str) -> Iterator[None]:
    """Turn everything WeasyPrint raises or warns about inside the block into one RenderError, and let no word out.

    `what` is what is worked on inside, to begin the sentence with.
    """
    log = logging.getLogger("weasyprint")
    flaws = _Flaws()
    heard_by_others, log.propagate = log.propagate, False
    log.addHandler(flaws)
    try:
        yield
    except (Exception, FatalURLFetchingError) as error:  # WeasyPrint does not say what it raises
        raise RenderError(f"{what} cannot be rendered: {error.__cause__ or error or type(error).__name__}") from error
    finally:
        log.removeHandler(flaws)
        log.propagate = heard_by_others
    if flaws.seen:
        raise RenderError(f"{what} has flaws: " + "; ".join(flaws.seen[:_SHOWN]))
