"""The preview in a real browser, as a template author sees it."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from reporter.rendering.templates import MAIL_HTML, MAIL_TEXT, REPORT, STOCK, STYLESHEET
from reporter.sandbox.organizations import ORGANIZATIONS
from tests.browsing import chromium, needs_chromium, violations
from tests.functional.preview.previewing import preview

HOSTILE = next(organization for organization in ORGANIZATIONS if "<script>" in organization.name)
PATIENCE = 60_000

pytestmark = [pytest.mark.slow, needs_chromium]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the bundled template, to edit."""
    return Path(shutil.copytree(STOCK / "executive", tmp_path_factory.mktemp("look") / "mine"))


@pytest.fixture(scope="module")
def url(template: Path) -> Iterator[str]:
    """The URL of a preview of that copy."""
    options = ("--demo", "--template", str(template), "--period", "month", "--as-of", "2026-05-15")
    with preview(template.parent, *options) as running:
        yield running.url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """The preview's page; at the end, the browser must have reported no error."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "500" not in said.text else None)
    page.goto(url)
    expect(page.locator(".state.live")).to_be_visible(timeout=PATIENCE)
    yield page
    page.close()
    assert complaints == []


@pytest.fixture
def restored(template: Path) -> Iterator[None]:
    """The unedited copy, restored after a test that edited it."""
    yield
    for file in (REPORT, STYLESHEET, MAIL_HTML, MAIL_TEXT):
        shutil.copy(STOCK / "executive" / file, template / file)


def replace_in(file: Path, old: str, new: str) -> None:
    """Save the file with the first occurrence of the old text replaced."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def first_frame(page: Page) -> FrameLocator:
    """The first frame of the open view."""
    return page.locator("[role=tabpanel]:not([hidden]) iframe").first.content_frame


def test_all_stands_side_by_side(page: Page) -> None:
    """PDF, data, and the email at phone and desktop width are all visible at once, at any window size."""
    expect(page.get_by_role("tab", name="Side by side")).to_have_attribute("aria-selected", "true")
    panel = page.get_by_role("tabpanel", name="Side by side")
    expect(panel.get_by_title("PDF")).to_be_visible()
    pdf = next(frame for frame in page.frames if "/report.pdf" in frame.url)
    assert pdf.url.endswith("report.pdf?version=0#view=FitH&toolbar=0&navpanes=0")
    for width in (390, 800):
        mail = panel.frame_locator(f"iframe[title='Email at {width} pixels']")
        expect(mail.get_by_role("heading", name="Acme Roofing")).to_be_visible()
        assert mail.locator("html").evaluate("() => innerWidth") == width
    expect(panel.frame_locator("iframe[title=Data]").get_by_text("Response rate").first).to_be_visible()
    assert page.locator(".table").evaluate("table => table.scrollWidth - table.clientWidth") == 0


def test_every_view_is_shown(page: Page) -> None:
    """The email is shown at phone and desktop width, and the page uses the bundled fonts."""
    page.get_by_role("tab", name="Email", exact=True).click()
    for width in (390, 800):
        mail = page.get_by_role("tabpanel").frame_locator(f"iframe[title='Email at {width} pixels']")
        expect(mail.get_by_role("heading", name="Acme Roofing")).to_be_visible()
        assert mail.locator("html").evaluate("() => innerWidth") == width
    page.get_by_role("tab", name="HTML").click()
    expect(page.frame_locator("iframe[title=HTML]").get_by_role("heading", name="Acme Roofing")).to_be_visible()
    faces = "async () => [...await document.fonts.ready].map(face => `${face.family} ${face.weight} ${face.status}`)"
    loaded = page.frame_locator("iframe[title=HTML]").locator("html").evaluate(faces)
    assert sorted(face for face in loaded if "un" not in face) == ["HR Inter 400 loaded", "HR Inter 600 loaded"]


def test_data_is_searched_and_folded(page: Page, url: str) -> None:
    """A search finds and counts every matching line with its parents; branches open and close."""
    page.goto(f"{url}/data.html")
    rate, answers = page.get_by_text("responseRate", exact=True).first, page.get_by_text("answers", exact=True).first
    expect(answers).to_be_visible()
    expect(answers.locator("xpath=ancestor::details[1]")).not_to_have_attribute("open", "")
    expect(rate).to_be_hidden()
    page.get_by_role("searchbox").fill("RESPONSERATE ")
    expect(rate).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^\d+ found$"))
    expect(page.get_by_text("made_on")).to_be_hidden()
    page.get_by_role("searchbox").fill("no such thing")
    expect(page.get_by_role("status")).to_have_text("None found")
    page.get_by_role("searchbox").fill("")
    expect(rate).to_be_hidden()
    expect(page.get_by_text("made_on")).to_be_visible()
    page.get_by_role("button", name="Open all").click()
    expect(rate).to_be_visible()
    page.get_by_role("button", name="Close all").click()
    expect(page.get_by_text("made_on")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(browser: Browser, url: str, template: Path, restored: None, scheme: str) -> None:
    """axe-core finds nothing in the preview's own pages, nor in the page shown for a template with an error."""
    replace_in(template / MAIL_HTML, "{{ view.period }}", "{{ view.season }}")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{url}/mail.html")
    expect(page.get_by_role("alert")).to_be_visible(timeout=PATIENCE)
    found = {"mail.html": violations(page)}
    for path in ("data.html", "mail.txt", ""):
        page.goto(f"{url}/{path}")
        found[path] = violations(page)
    page.get_by_role("tab", name="Email", exact=True).click()
    found["#mail"] = violations(page)
    context.close()
    assert found == {path: [] for path in found}


def test_a_saved_template_is_shown(page: Page, template: Path, restored: None) -> None:
    """A change to a template file appears by itself in the open view."""
    page.get_by_role("tab", name="Email as text").click()
    text = page.frame_locator("iframe[title='Email as text']")
    expect(text.locator("pre")).to_contain_text("Acme Roofing")
    replace_in(template / MAIL_TEXT, "{{ view.period }}", "In {{ view.period }} of our Lord")
    expect(text.locator("pre")).to_contain_text("In April 2026 of our Lord", timeout=PATIENCE)
    expect(page.locator(".state")).to_contain_text("Changed at")
    expect(page.get_by_role("tab", name="Email as text")).to_have_attribute("aria-selected", "true")


@dataclass(frozen=True)
class Slip:
    """An author's error: in which file, the text that replaces the correct one, the view affected, and the message."""

    tab: str
    file: str
    right: str
    wrong: str
    said: str


@pytest.mark.parametrize(
    "slip",
    [
        Slip("Email", MAIL_HTML, "{{ view.period }}", "{{ view.season }}", "no attribute 'season'"),
        Slip("HTML", REPORT, "{{ view.period }}", "{% if %}", "Expected an expression"),
        Slip("PDF", STYLESHEET, "font-size:", "font-sighs:", "unknown property"),
    ],
)
def test_a_fault_is_explained(page: Page, template: Path, restored: None, slip: Slip) -> None:
    """An error page with file, line, and source replaces the document, and is gone once the error is fixed."""
    tab = page.get_by_role("tab", name=slip.tab, exact=True)
    tab.click()
    replace_in(template / slip.file, slip.right, slip.wrong)
    expect(tab).to_have_class("tab faulty", timeout=PATIENCE)
    alert = first_frame(page).get_by_role("alert")
    expect(alert).to_contain_text(slip.said)
    lines = (template / slip.file).read_text("utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, 1) if slip.wrong in line)
    expect(alert).to_contain_text(f"{template / slip.file}, line {number}")
    expect(alert.locator(".wrong")).to_contain_text(slip.wrong)
    replace_in(template / slip.file, slip.wrong, slip.right)
    expect(tab).to_have_class("tab", timeout=PATIENCE)
    expect(alert).to_have_count(0)


def test_names_from_the_api_are_text(browser: Browser, tmp_path: Path) -> None:
    """A name full of markup is shown as written; no view gets an element or runs a script from it."""
    with preview(tmp_path, "--demo", "--org", HOSTILE.id, "--period", "month") as running:
        page = browser.new_page()
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        page.goto(running.url)
        expect(page.locator("h1")).to_contain_text('<script>alert("1")</script>')
        for tab in ("Email", "Email as text", "HTML", "Data"):
            page.get_by_role("tab", name=tab, exact=True).click()
            shown = first_frame(page).locator("body")
            expect(shown).to_contain_text("<script>alert(", timeout=PATIENCE)
            assert shown.locator("script").count() == 0
        page.close()
    assert dialogs == []


def test_the_end_is_told(browser: Browser, tmp_path: Path) -> None:
    """A page reports that its preview has ended."""
    with preview(tmp_path, "--demo") as running:
        page = browser.new_page()
        page.goto(running.url)
        expect(page.locator(".state.live")).to_be_visible(timeout=PATIENCE)
        running.interrupt()
        expect(page.locator(".state.lost")).to_contain_text("has ended", timeout=PATIENCE)
        page.close()
    assert (running.exit_code, running.errors) == (0, "")
