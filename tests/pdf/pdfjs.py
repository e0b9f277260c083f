"""pdf.js, which shows PDFs in Firefox and in many a web mail, as a program of the tests: many files in one browser.

It comes from the system, as a package of Debian's.
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
    """One file: the text of each page, its picture in grey, and whatever pdf.js had to say of the file."""

    texts: tuple[str, ...]
    pictures: tuple[Image.Image, ...]
    said: tuple[str, ...]


def lacking() -> str:
    """What keeps pdf.js from running here; empty where nothing does."""
    if CHROMIUM is None:
        return "there is no Chromium"
    return "" if (PACKAGE / "pdf.js").exists() else f"{PACKAGE} lacks pdf.js"


def readings(folder: Path, dpi: int) -> Mapping[Path, Reading]:
    """What pdf.js makes of each file in the folder; the pictures have so many points to the inch."""
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
