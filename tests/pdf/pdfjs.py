"""Run pdf.js, the PDF viewer of Firefox and many webmail programs, on many files in one browser.

It is installed on the system, from a Debian package.
"""

import io
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from tests.browsing import CHROMIUM, chromium
from tests.servers import served

PACKAGE = Path("/usr/share/javascript/pdf/build")
PAGE = Path(__file__).with_suffix(".html")


@dataclass(frozen=True, slots=True)
class Reading:
    """One file: each page's text, its image in grayscale, and the messages that pdf.js logged."""

    texts: tuple[str, ...]
    pictures: tuple[Image.Image, ...]
    said: tuple[str, ...]


def lacking() -> str:
    """The reason why pdf.js cannot run here; empty if it can."""
    if CHROMIUM is None:
        return "there is no Chromium"
    return "" if (PACKAGE / "pdf.js").exists() else f"{PACKAGE} lacks pdf.js"


def readings(folder: Path, dpi: int) -> Mapping[Path, Reading]:
    """The result of pdf.js for each file in the folder; images have this resolution in dots per inch."""
    folders = {"/pdf.js": PACKAGE, "/page": PAGE.parent, "/files": folder}
    read = {}
    with (
        served(Starlette(routes=[Mount(at, StaticFiles(directory=each)) for at, each in folders.items()])) as url,
        chromium() as browser,
    ):
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{url}/page/{PAGE.name}")
        for pdf in sorted(folder.glob("*.pdf")):
            pages = page.evaluate("([url, scale]) => read(url, scale)", [f"/files/{pdf.name}", dpi / 72])
            pictures = [Image.open(io.BytesIO(b64decode(picture))).convert("L") for _, picture in pages]
            read[pdf] = Reading(tuple(text for text, _ in pages), tuple(pictures), tuple(said))
            said.clear()
    return read
