"""Rendering HTML to PDF: read back with other tools, and attacked with hostile names and templates."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from reporter.domain.errors import RenderError
from reporter.rendering.pdf import load_renderer, renderer, warm_up
from reporter.rendering.rendered_report import make_document
from reporter.rendering.typefaces import FAMILY
from tests.golden.editions import KEPT
from tests.servers import served

STYLE = f"@page {{ size: A4 }} html {{ font: 10pt '{FAMILY}' }} b {{ font-weight: 600 }}"
PICTURE = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><path d='M0 0H9V9Z'/></svg>"


def page(body: str, title: str = "A page") -> str:
    """A complete document around `body`."""
    created = "<meta name=dcterms.created content=2026-05-01T06:00:00Z>"
    return f"<!DOCTYPE html><html lang=en><head><title>{title}</title>{created}</head><body>{body}</body></html>"


def fonts(pdf: bytes, folder: Path) -> list[list[str]]:
    """The rows of `pdffonts`."""
    (folder / "page.pdf").write_bytes(pdf)
    command = [str(shutil.which("pdffonts")), str(folder / "page.pdf")]
    return [
        line.split()
        for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    ]


@pytest.fixture
def tripwire() -> Iterator[tuple[str, list[str]]]:
    """A real HTTP server and the paths that were requested."""
    asked: list[str] = []

    async def application(scope: Any, _receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/css")]})
        await send({"type": "http.response.body", "body": b""})

    with served(application) as url:
        yield url, asked


def test_text_is_text_and_only_our_fonts_are_embedded(tmp_path: Path) -> None:
    """Every word can be found and copied; only our font family is embedded, with both weights as subsets."""
    pdf = renderer().render(page("<p>Response rate <b>74 %</b> ▲ Łódź"), STYLE)
    assert PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split() == ["Response", "rate", "74", "%", "▲", "Łódź"]
    rows = fonts(pdf, tmp_path)
    assert {row[0].split("+")[1] for row in rows} == {"HR-Inter", "HR-Inter-Semi-Bold"}
    assert all(row[1:7] == ["CID", "TrueType", "Identity-H", "yes", "yes", "yes"] for row in rows)


def test_fonts_of_the_host_are_out_of_reach() -> None:
    """A font of the host is not used even by name: its text is in our font, or fails if a glyph is missing."""
    host = "html { font-family: 'DejaVu Sans', 'Noto Sans CJK JP', sans-serif }"
    with pytest.raises(RenderError, match="ท"):
        renderer().render(page("<p>ท"), host)


def test_a_host_without_fonts_or_home_renders_the_same(tmp_path: Path) -> None:
    """With an empty font configuration, no home, and only a temporary folder, the bytes are the same."""
    empty = tmp_path / "fonts.conf"
    empty.write_text("<fontconfig></fontconfig>")
    environment = {"FONTCONFIG_FILE": str(empty), "HOME": "/nonexistent"}
    assert digest_elsewhere(environment) == sha256(renderer().render(page("<p>a <b>b</b>"), STYLE)).hexdigest()


def digest_elsewhere(environment: dict[str, str], body: str = "<p>a <b>b</b>") -> str:
    """The SHA-256 of a page rendered by a new process, which must print nothing to stderr."""
    program = (
        "import hashlib; from reporter.rendering.pdf import renderer; from tests.unit.rendering import test_pdf as t;"
        f"print(hashlib.sha256(renderer().render(t.page({body!r}), t.STYLE)).hexdigest())"
    )
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=variables)
    assert done.stderr == ""
    return done.stdout.strip()


def test_other_processes_zones_and_seeds_give_the_same_bytes() -> None:
    """Process, hash seed, time zone, and locale do not affect the file."""
    expected = sha256(renderer().render(page("<p>a <b>b</b>"), STYLE)).hexdigest()
    for seed, zone, locale in (("1", "Asia/Tokyo", "C"), ("2", "America/New_York", "C.UTF-8")):
        assert digest_elsewhere({"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}) == expected


def test_documents_do_not_influence_each_other() -> None:
    """A renderer that rendered other documents, styles, and errors before gives the same bytes as a new one."""
    wanted = page("<p>Summe: <b>12</b> €"), STYLE
    used = load_renderer()
    used.render(page("<h1>Other glyphs: ЖΩ№</h1><p>a", "Another"), STYLE + "h1 { color: red }")
    with pytest.raises(RenderError):
        used.render(page("<p>ท"), STYLE)
    assert used.render(*wanted) == load_renderer().render(*wanted) == used.render(*wanted)


def test_dates_come_from_the_document_alone() -> None:
    """The creation date is the one in the markup, and the identifier is computed from the content."""
    reader = PdfReader(io.BytesIO(renderer().render(page("<p>a"), STYLE)))
    assert reader.metadata is not None
    assert reader.metadata.creation_date_raw == "D:20260501060000Z"
    assert "/ID" in reader.trailer


def test_a_picture_that_comes_along_is_drawn() -> None:
    """`bundle:` refers to the document's own assets, rendered as vector graphics without text."""
    plain = renderer().render(page("<p>a"), STYLE)
    pictured = renderer().render(page("<p>a<img src='bundle:logo.svg' alt=Acme>"), STYLE, {"logo.svg": PICTURE})
    assert len(pictured) > len(plain)


@pytest.mark.parametrize(
    ("body", "style"),
    [
        ("<img src='{url}/image'>", ""),
        ("<object data='{url}/object'></object>", ""),
        ("<svg width=9 height=9><image href='{url}/svg' width=9 height=9 /></svg>", ""),
        ("<link rel=attachment href='{url}/attachment'>", ""),
        ("<a rel=attachment href='{url}/attachment'>a</a>", ""),
        ("<link rel=stylesheet href='{url}/style.css'>", ""),
        ("<style>@import url('{url}/import.css');</style>", ""),
        ("<style>p {{ background: url('{url}/background') }}</style><p>a", ""),
        ("<p>a", "@import url('{url}/import.css');"),
        ("<p>a", "p {{ background: url('{url}/background') }}"),
        ("<p>a", "@font-face {{ font-family: x; src: url('{url}/font') }} p {{ font-family: x }}"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "file", "bundle"])
def test_nothing_outside_the_document_is_reached(
    body: str, style: str, scheme: str, tripwire: tuple[str, list[str]], tmp_path: Path
) -> None:
    """An address in markup, style, or drawing that is not an asset fails the document; nothing is requested."""
    url, asked = tripwire
    (tmp_path / "image").write_bytes(PICTURE)
    address = {"http": url, "file": tmp_path.as_uri(), "bundle": "bundle:"}[scheme]
    with pytest.raises(RenderError):
        renderer().render(page(body.format(url=address)), style.format(url=address))
    assert asked == []


def test_a_drawing_cannot_borrow_from_elsewhere(tripwire: tuple[str, list[str]]) -> None:
    """An SVG's reference to another drawing is ignored: the page is the same without it."""
    url, asked = tripwire
    svg = "<svg width=9 height=9>{}</svg>"
    assert renderer().render(page(svg.format(f"<use href='{url}/use.svg#x' />")), STYLE) == renderer().render(
        page(svg.format("")), STYLE
    )
    assert asked == []


def test_a_data_address_is_refused_too() -> None:
    """Images must be assets; a data URL is refused."""
    with pytest.raises(RenderError, match="not part of the document"):
        renderer().render(page("<img src='data:image/svg+xml,<svg/>'>"), STYLE)


@pytest.mark.parametrize(
    ("body", "style", "named"),
    [
        ("<p>a", "p { colour: red }", "colour"),
        ("<p>ท", "", "U\\+0E17"),
        ("<img src='logo.png'>", "", "logo.png"),
        ("<svg width=9 height=9><image href='bundle:no.svg' /></svg>", "", "SVG"),
    ],
)
def test_a_warning_is_an_error(
    body: str, style: str, named: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Each warning of the renderer fails the document, is included in the error, and is not logged or printed."""
    for _ in range(2):
        with pytest.raises(RenderError, match=named):
            renderer().render(page(body), STYLE + style)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def ran(program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own that can import the project, and return its result."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), **variables}
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment)


def test_a_machine_without_the_subsetter_is_told_once_and_stays_reproducible() -> None:
    """Without libharfbuzz-subset a report is rendered reproducibly, with a single warning."""
    program = (
        "import logging, os, sys, time; logging.basicConfig(format='%(message)s')\n"
        "import weasyprint.pdf.fonts as fonts, weasyprint.text.ffi as ffi\n"
        "fonts.harfbuzz_subset = ffi.harfbuzz_subset = None\n"
        "from reporter.rendering.pdf import renderer; from tests.unit.rendering.test_pdf import STYLE, page\n"
        "first = renderer().render(page('<p>a'), STYLE); time.sleep(1.1)\n"
        "second = renderer().render(page('<p>a'), STYLE)\n"
        "print(first == second, renderer().has_subsetter, 'SOURCE_DATE_EPOCH' in os.environ)"
    )
    done = ran(program)
    assert done.stdout.split() == ["True", "False", "False"]
    assert len(done.stderr.splitlines()) == 1
    assert "libharfbuzz-subset" in done.stderr


UNACCELERATED = """
import sys
from hashlib import sha256
from reporter.rendering.rendered_report import make_document
from reporter.rendering.pdf import renderer
from tests.golden.editions import KEPT

patches = "document", "layout", "objects", "styles"
sys.modules |= {f"reporter.rendering.acceleration.{name}": None for name in patches}  # to import one is an error
for locale in ("en_US", "ar_EG"):
    print(sha256(make_document(KEPT[0].data(locale)).pdf).hexdigest())
print(renderer().acceleration.reason)
"""


@pytest.mark.parametrize(
    ("start", "variables", "reason"),
    [
        ("", {"HYPERREP_PLAIN_RENDERING": "1"}, "HYPERREP_PLAIN_RENDERING is set"),
        ("import cssselect2; cssselect2.VERSION = '0'", {}, "cssselect2 0 is installed, and 0.10.1 is expected"),
    ],
    ids=["variable", "versions"],
)
def test_a_report_has_the_same_bytes_without_acceleration(start: str, variables: dict[str, str], reason: str) -> None:
    """A process that does not import the patches, which other versions may not allow, renders the same bytes."""
    done = ran(f"{start}\n{UNACCELERATED}", **variables)
    accelerated = [make_document(KEPT[0].data(locale)).pdf for locale in ("en_US", "ar_EG")]
    assert done.stdout.splitlines() == [*(sha256(pdf).hexdigest() for pdf in accelerated), reason]


def test_a_missing_library_is_reported_by_the_error_alone() -> None:
    """WeasyPrint's own message is not printed to stdout, and `print` is unchanged."""
    program = (
        "import builtins, cffi, sys; original = builtins.print, sys.stdout\n"
        "def missing(*_): raise OSError('cannot load library')\n"
        "cffi.FFI.dlopen = missing\n"
        "from reporter.rendering.pdf import load_renderer; from reporter.domain.errors import RenderError\n"
        "try: load_renderer()\nexcept RenderError as error: print(error)\n"
        "assert (builtins.print, sys.stdout) == original"
    )
    (line,) = ran(program).stdout.splitlines()
    assert "cannot be loaded (cannot load library)" in line


def test_loading_leaves_nothing_behind(tmp_path: Path) -> None:
    """Environment and temporary folder are unchanged after the renderer is loaded."""
    program = (
        "import os; from reporter.rendering.pdf import warm_up\n"
        "before = dict(os.environ); warm_up(); assert dict(os.environ) == before\n"
        f"assert os.listdir({str(tmp_path)!r}) == []"
    )
    ran(program, TMPDIR=str(tmp_path))


def test_without_a_place_for_temporary_files_the_reason_is_told() -> None:
    """If the renderer cannot be loaded, the error says why in a sentence."""
    program = (
        "import tempfile; tempfile._candidate_tempdir_list = lambda: ['/nonexistent']\n"
        "from reporter.rendering.pdf import load_renderer; from reporter.domain.errors import RenderError\n"
        "try: load_renderer()\nexcept RenderError as error: print(error)"
    )
    done = ran(program)
    assert "cannot be loaded" in done.stdout
    assert "temporary" in done.stdout


def test_warming_up_is_paid_once() -> None:
    """Warming up may be requested from anywhere, any number of times."""
    warm_up()
    warm_up()
    assert renderer() is renderer()
