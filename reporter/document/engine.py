"""What the renderer uses of WeasyPrint, and the closed world it works in.

Import it through `reporter.document.pdf` only: loading WeasyPrint takes half a second, and fontconfig must have been
told which fonts there are before.
"""

from collections.abc import Mapping

from weasyprint import CSS, HTML
from weasyprint.text.ffi import harfbuzz, harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

__all__ = ["CSS", "HAS_SUBSETTER", "HTML", "BundleFetcher", "FatalURLFetchingError", "FontConfiguration"]

HAS_SUBSETTER: bool = harfbuzz_subset is not None and bool(harfbuzz.hb_version_atleast(4, 1, 0))
"""Whether HarfBuzz cuts fonts down to the glyphs used."""

_SCHEME = "bundle:"


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
