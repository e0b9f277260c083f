"""The renderer of PDFs, loaded on first use: WeasyPrint takes half a second to import.

WeasyPrint's libraries read their font configuration while they are loaded: only the bundled fonts are used, so that the
result does not depend on the host.
"""

import gc
import io
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from reporter.domain.errors import RenderError
from reporter.rendering.translation import SOURCE_LANGUAGE
from reporter.rendering.typefaces import EMOJI, FAMILY, PREFIX, files, folders, stack

if TYPE_CHECKING:
    from reporter.rendering.engine import PdfRenderer

INSTALL = (
    "Install what WeasyPrint needs: on Debian and Ubuntu `apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0`, on macOS `brew install pango`."
)
"""Hint for an engine that cannot be loaded or is slow."""

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  {folders}
  <cachedir>{cache}</cachedir>
  <match target="scan">
    <edit name="family" mode="assign"><plus><string>{prefix}</string><name>family</name></plus></edit>
  </match>
  <match target="pattern">
    <test name="family"><string>emoji</string></test>
    <edit name="family" mode="assign" binding="strong"><string>{emoji}</string></edit>
  </match>
  <match target="pattern">
    <edit name="family" mode="append_last" binding="strong">{families}</edit>
  </match>
</fontconfig>
"""
"""Private family names; the family for `emoji`, which Pango requests for emoji; the order of all families."""

_PRODUCER = re.compile(rb'pdf:Producer="([^"<]*)"')


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file attached to the PDF: its name with extension, and a description; `made_at` has a time zone.

    `relation` is its relationship to the pages (`AFRelationship` in PDF): they were rendered from the source; data
    contains their figures for further processing.
    """

    name: str
    content: bytes
    description: str
    relation: Literal["Source", "Data"]
    made_at: datetime


def load_renderer() -> "PdfRenderer":
    """A new renderer. Raises RenderError if WeasyPrint, a library it needs, or the fonts cannot be loaded."""
    if not files(FAMILY):  # without any font, Pango aborts the process
        raise RenderError("The fonts are missing: install the software again")
    warnings.filterwarnings("ignore", "HarfBuzz-Subset will be required", DeprecationWarning)  # reported elsewhere
    try:
        # If a library is missing, WeasyPrint prints a message before it raises; the error has a message of its own.
        # The redirection is process-wide, which is safe: only worker processes render, and they print no results.
        with _only_bundled_fonts(), redirect_stdout(io.StringIO()):
            from reporter.rendering.engine import PdfRenderer  # noqa: PLC0415

            return PdfRenderer(os.environ)
    except (OSError, ImportError) as error:
        reason = str(error).partition(".  Additionally")[0]
        raise RenderError(f"WeasyPrint or a library it needs cannot be loaded ({reason}). {INSTALL}") from error


def producer_of(pdf: bytes) -> str | None:
    """Read the producer from a PDF; None if it has none.

    It names the libraries whose versions its bytes depend on. Other versions of Pango or HarfBuzz subset fonts
    differently, so that it distinguishes a machine with other libraries from a file that was changed.
    """
    found = _PRODUCER.search(pdf)
    return found[1].decode("utf-8", "replace") if found else None


renderer = cache(load_renderer)
"""The process-wide renderer."""


@cache
def warm_up(style: str = "") -> None:
    """Import the engine and render a first page, once per process, so that the first document need not wait.

    `style` is the stylesheet of most documents. What is loaded stays loaded, so it is excluded from later garbage
    collections.
    """
    renderer().render("<title>x</title><p>x <b>x</b><table><tr><td><svg><path d='M0 0'/></svg></table>", style)
    gc.freeze()


@contextmanager
def _only_bundled_fonts() -> Iterator[None]:
    """Restrict fontconfig to the bundled fonts, under their private names and in their order.

    The configuration is needed only while WeasyPrint reads it, so nothing remains on the disk or in the environment.
    """
    with TemporaryDirectory(prefix="hyperrep-report-", ignore_cleanup_errors=True) as folder:
        configuration = Path(folder, "fonts.conf")
        values = {
            "folders": "".join(f"<dir>{escape(str(fonts))}</dir>" for fonts in folders()),
            "cache": escape(folder),
            "prefix": PREFIX,
            "emoji": EMOJI,
            "families": "".join(f"<string>{family}</string>" for family in stack(SOURCE_LANGUAGE)),
        }
        configuration.write_text(_FONTCONFIG.format(**values), encoding="utf-8")
        with environment_variable("FONTCONFIG_FILE", str(configuration)):
            yield


@contextmanager
def environment_variable(name: str, value: str) -> Iterator[None]:
    """Set an environment variable inside the block, for libraries that read it."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before
