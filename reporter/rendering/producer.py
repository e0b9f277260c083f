"""The producer of a PDF: the libraries whose versions its bytes depend on, recorded in its metadata.

Another Pango or HarfBuzz gives other subset fonts for the same page. `verify` reads the producer to tell a machine
with other libraries from a file that was changed.
"""

import re
import zlib
from functools import cache

_XMP = re.compile(rb'pdf:Producer="([^"<]*)"')


@cache
def producer() -> str:
    """The libraries of this machine: `WeasyPrint 70.0, pydyf 0.13.0, Pango 1.50.12, …`. Loads WeasyPrint."""
    import pydyf  # noqa: PLC0415 - whoever only reads a producer loads no renderer
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
    """The producer that a PDF names; None where it names none."""
    found = _XMP.search(pdf)
    return found[1].decode("utf-8", "replace") if found else None
