"""The producer of a PDF: the libraries whose versions its bytes depend on, recorded in its metadata.

Another Pango or HarfBuzz gives other subset fonts for the same page. `verify` reads the producer to tell a machine
with other libraries from a file that was changed.
"""

import re
import zlib
from functools import cache
from itertools import count
from typing import Any

_XMP = re.compile(rb'pdf:Producer="([^"<]*)"')


@cache
def producer() -> str:
    """The libraries of this machine: `WeasyPrint 70.0, pydyf 0.13.0, Pango 1.50.12, …`. Loads WeasyPrint."""
    import pydyf  # noqa: PLC0415 - whoever only reads a producer loads no renderer
    from weasyprint import VERSION  # noqa: PLC0415
    from weasyprint.text.ffi import harfbuzz, pango  # noqa: PLC0415

    versions = {
        "WeasyPrint": VERSION,
        "pydyf": pydyf.VERSION,
        "Pango": _pango_version(pango.pango_version()),
        "HarfBuzz": _harfbuzz_version(harfbuzz),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def producer_of(pdf: bytes) -> str | None:
    """The producer that a PDF names; None where it names none."""
    found = _XMP.search(pdf)
    return found[1].decode("utf-8", "replace") if found else None


def _pango_version(number: int) -> str:
    """The version in Pango's own number for it: 15012 is 1.50.12."""
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def _harfbuzz_version(harfbuzz: Any) -> str:
    """The version of a library that only says whether it is at least some version."""
    version = [0, 0, 0]
    for place in range(3):
        version[place] = next(n for n in count() if not _is_at_least(harfbuzz, [*version[:place], n + 1]))
    return ".".join(map(str, version))


def _is_at_least(harfbuzz: Any, version: list[int]) -> bool:
    return bool(harfbuzz.hb_version_atleast(*version, *[0] * (3 - len(version))))
