"""What the renderer uses of WeasyPrint, and the closed world it works in.

Import it through `reporter.document.pdf` only: loading WeasyPrint takes half a second, and fontconfig must have been
told which fonts there are before.
"""

import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import Any

from fontTools.ttLib.tables import _h_e_a_d as font_head
from weasyprint import CSS, Attachment
from weasyprint.text.ffi import harfbuzz, harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from reporter.document.archival import VARIANT, finish
from reporter.document.enclosure import Enclosure
from reporter.document.shortcuts import Document
from reporter.errors import RenderError

__all__ = [
    "CSS",
    "HAS_SUBSETTER",
    "BundleFetcher",
    "Document",
    "FontConfiguration",
    "archival",
    "attachment",
    "flawless",
]

HAS_SUBSETTER: bool = harfbuzz_subset is not None and bool(harfbuzz.hb_version_atleast(4, 1, 0))
"""Whether HarfBuzz cuts fonts down to the glyphs used."""

if not HAS_SUBSETTER:
    font_head.timestampNow = lambda: 0  # fontTools, which cuts the fonts then, would stamp them with the time

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


def archival() -> dict[str, Any]:
    """The options of a document that is to be kept, and can be read out; the colours are sRGB."""
    return {
        "pdf_variant": VARIANT,
        "color_profiles": {_COLORS: _srgb()},
        "output_intent": _COLORS,
        "finisher": finish,
    }


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
