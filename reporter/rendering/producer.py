"""The producer of a PDF: the libraries whose versions its bytes depend on, recorded in its metadata.

Other versions of Pango or HarfBuzz subset fonts differently for the same page. `verify` reads the producer to
distinguish a machine with other libraries from a file that was changed.
"""

import re
import zlib
from functools import cache

_XMP = re.compile(rb'pdf:Producer="([^"<]*)"')


@cache
def producer() -> str:
    """The libraries of this machine: `WeasyPrint 70.0, pydyf 0.13.0, Pango 1.50.12, …`. Loads WeasyPrint."""
    import pydyf  # noqa: PLC0415 - not needed to read a producer
    from weasyprint import VERSION  # noqa: PLC0415

    from reporter.rendering.acceleration import native  # noqa: PLC0415

    versions = {
        "WeasyPrint": VERSION,
        "pydyf": pydyf.VERSION,
        "Pango": native.pango_version(),
        "HarfBuzz": native.harfbuzz_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def producer_of(pdf: bytes) -> str | None:
    """Read the producer from a PDF; None if it has none."""
    found = _XMP.search(pdf)
    return found[1].decode("utf-8", "replace") if found else None
