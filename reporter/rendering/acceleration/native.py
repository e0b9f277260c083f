"""The native libraries that WeasyPrint has loaded. They are only read, through `weasyprint.text.ffi`."""

from itertools import count

from weasyprint.text.ffi import harfbuzz, harfbuzz_subset, pango


def has_subsetter() -> bool:
    """Whether HarfBuzz subsets fonts. WeasyPrint falls back to fontTools, which is slow."""
    return harfbuzz_subset is not None and _is_at_least([4, 1, 0])


def pango_version() -> str:
    """Pango's version, from its number for it: 15012 is 1.50.12."""
    number = pango.pango_version()
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def harfbuzz_version() -> str:
    """HarfBuzz' version. WeasyPrint declares only the function that compares it, so each part is counted up."""
    version = [0, 0, 0]
    for part in range(3):
        version[part] = next(number for number in count() if not _is_at_least([*version[:part], number + 1]))
    return ".".join(map(str, version))


def _is_at_least(version: list[int]) -> bool:
    return bool(harfbuzz.hb_version_atleast(*version, *[0] * (3 - len(version))))
