"""All patches, applied together or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reporter.rendering.acceleration import boxes, lines, objects, styles

PATCHES: tuple[tuple[Any, str, Any], ...] = (*boxes.PATCHES, *lines.PATCHES, *objects.PATCHES, *styles.PATCHES)
"""Owner, attribute, and what replaces it there."""

_ORIGINALS = [(owner, name, vars(owner)[name]) for owner, name, _ in PATCHES]


def apply() -> None:
    """Apply the patches to this process."""
    for owner, name, replacement in PATCHES:
        setattr(owner, name, replacement)


@contextmanager
def unpatched() -> Iterator[None]:
    """Restore the original attributes inside the block, to compare with."""
    for owner, name, original in _ORIGINALS:
        setattr(owner, name, original)
    try:
        yield
    finally:
        apply()
