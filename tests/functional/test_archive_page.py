"""The archive's front page in a real browser, opened as a file: what an operator sees, searches, and reaches by key."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from reporter.archive.index_rows import LEADING
from reporter.archive.store import Archive
from reporter.codec import document
from reporter.domain.snapshot import Organization
from reporter.domain.window import Window
from reporter.rendering.render import make_view
from tests.browsing import chromium, needs_chromium, violations
from tests.unit.archive.samples import ACME, WEEK, edition, report

pytestmark = [pytest.mark.slow, needs_chromium]

BAKERY = Organization("b", "Bäckerei Müller & Söhne")
HOSTILE = Organization(
    "h", "</noscript><script>document.title='run'</script><img src=x onerror=alert(1)> \"'&amp; \u202e"
)
MANY = 5_000
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open an archive's page from its file; at the end, no network request and no browser error may have occurred."""
    asked: list[str] = []
    complaints: list[str] = []

    def open_page(root: Path, hash_: str = "", **context: object) -> Page:
        page = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **context}).new_page()  # type: ignore[arg-type]
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text))
        page.goto(f"{(root / 'index.html').as_uri()}{hash_}")
        return page

    yield open_page
    for context in browser.contexts:
        context.close()
    assert [url for url in asked if not url.startswith("file://")] == []
    assert complaints == []


@dataclass(frozen=True)
class Shelf:
    """An archive's root, and how to add editions to it."""

    archive: Archive

    def keep(self, organization: Organization, window: Window, *statuses: str) -> Path:
        """Store an edition as a run does, with an email of each of these statuses, and return its folder."""
        data = report(organization, window)
        view = make_view(data)
        written = document(data, figures=view.shown(), headlines=view.headlines)
        kept = self.archive.keep(
            edition({"report.pdf": b"%PDF", "report.json": written}, organization=organization, window=window)
        )
        mails = ["email.eml", "email-02.eml"][: len(statuses)]
        lines = [{"file": file, "status": status} for file, status in zip(mails, statuses, strict=True)]
        receipt = {"receipt.json": json.dumps({"deliveries": lines}).encode()} if statuses else {}
        self.archive.add(kept, {**receipt, **dict.fromkeys(mails, b"")})
        return kept.folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three organizations, one of them hostile, with eight editions in all."""
    shelf = Shelf(Archive(tmp_path_factory.mktemp("page") / "reports"))
    for window in [*WEEK.history(3), WEEK]:
        shelf.keep(ACME, window, "accepted", "accepted")
    for window in [*WEEK.history(2), WEEK]:
        shelf.keep(BAKERY, window, "outbox")
    shelf.keep(HOSTILE, WEEK, "failed", "accepted")
    shelf.archive.close()
    return shelf.archive.root


@pytest.fixture(scope="module")
def many(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thousands of editions of a hundred organizations."""
    archive = Archive(tmp_path_factory.mktemp("many") / "reports")
    windows = [*WEEK.history(MANY // 100 - 1), WEEK]
    data = (root / "acme-roofing/week/2026-W17/report.json").read_text("utf-8")
    for number in range(100):
        folder = archive.folder(Organization(str(number), f"Client {number}"), WEEK).parent
        for window in windows:
            (folder / window.label).mkdir(parents=True, exist_ok=True)
            ends = {"2026-04-20": window.first.isoformat(), "2026-04-27": window.until.isoformat()}
            written = re.sub("2026-04-2[07]", lambda found, ends=ends: ends[found[0]], data)  # type: ignore[misc]
            (folder / window.label / "report.json").write_text(written, "utf-8")
    archive.close()
    return archive.root


def rows(page: Page) -> int:
    """The number of editions shown."""
    return page.locator("#rows tr").count()


def test_every_number_is_that_of_the_data(opened: Open, root: Path) -> None:
    """Each figure, change, and headline of the page is the one in the `report.json` that the row links to."""
    page = opened(root)
    assert rows(page) == 8
    for row in page.locator("#rows tr").all():
        address = row.get_by_role("link", name="Data").get_attribute("href")
        data = json.loads((root / str(address)).read_text("utf-8"))
        figures = {figure["key"]: (figure["shown"], figure["change"]) for figure in data["figures"]}
        shown = [
            (figure.locator("b").text_content(), figure.locator("i").all_text_contents())
            for figure in row.locator("td.figure:not(:empty)").all()
        ]
        printed = [figures[metric.key] for metric in LEADING if metric.key in figures]
        assert shown == [(value, list(filter(None, [change]))) for value, change in printed]
        expect(row.locator(".said p").first).to_have_text(data["headlines"][0])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_everybody_can_read_it(opened: Open, root: Path, width: int, scheme: str) -> None:
    """axe-core finds nothing, no width scrolls sideways, and at each a screen reader finds a table."""
    page = opened(root, viewport={"width": width, "height": 860}, color_scheme=scheme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    first = page.get_by_role("table", name="Reports, the latest first").get_by_role("row").nth(1)
    expect(first.get_by_role("rowheader")).to_contain_text("Week 17, 20–26 Apr 2026")
    expect(first.get_by_role("cell")).to_have_count(9)
    expect(page.get_by_role("columnheader", name="Response rate")).to_be_attached()


def test_it_is_searched(opened: Open, root: Path) -> None:
    """Every word must match, ignoring case and accents; the number of matches is announced."""
    page = opened(root)
    found = page.get_by_role("status")
    page.get_by_role("searchbox", name="Search").fill("MULLER week 16")
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(found).to_have_text("1 of 8 reports")
    page.get_by_role("searchbox").fill("2026-W17 & sohne")
    expect(found).to_have_text("1 of 8 reports")
    page.get_by_role("searchbox").fill("no such thing")
    expect(found).to_have_text("None of 8 reports")
    assert violations(page) == []
    page.get_by_role("button", name="Show all").click()
    expect(found).to_have_text("All 8 reports")
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert rows(page) == 8


def test_what_is_asked_for_can_be_shared(opened: Open, root: Path) -> None:
    """Search and filters are in the URL, which reproduces them elsewhere; unknown values are ignored."""
    page = opened(root)
    page.get_by_label("Organization").last.select_option(label="Acme Roofing")
    page.get_by_role("searchbox").fill("week 15")
    expect(page.get_by_role("status")).to_have_text("1 of 8 reports")
    assert page.url.endswith("#search=week+15&organization=acme-roofing")
    again = opened(root, "#search=week+15&organization=acme-roofing&period=century&else=1")
    expect(again.get_by_role("status")).to_have_text("1 of 8 reports")
    expect(again.get_by_role("searchbox")).to_have_value("week 15")


def test_what_did_not_go_out_is_one_click_away(opened: Open, root: Path) -> None:
    """The number of reports with a failed email links to them, and the back button leads to all."""
    page = opened(root)
    page.get_by_role("link", name="1 failed", exact=True).first.click()
    expect(page.get_by_role("status")).to_have_text("1 of 8 reports")
    expect(page.locator("#rows .mails")).to_have_text("1 sent 1 failed")
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("All 8 reports")
    page.get_by_label("Delivery").select_option(label="Written only")
    expect(page.get_by_role("status")).to_have_text("3 of 8 reports")


def test_it_is_used_by_keyboard(opened: Open, root: Path) -> None:
    """`/` focuses the search field, and is ordinary text inside it; Tab follows the reading order."""
    page = opened(root)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("a/b")
    expect(page.get_by_role("searchbox")).to_have_value("a/b")
    page.get_by_role("searchbox").fill("acme week 17")
    expect(page.get_by_role("status")).to_have_text("1 of 8 reports")
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    filters = ["organization", "period", "delivery"]
    assert reached == [*filters, "clear", "1 failed", "2 sent", "PDF", "Mail", "Data", "More"]
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Mail 2")).to_be_visible()


def test_files_open(opened: Open, root: Path) -> None:
    """A link opens the file beside the page."""
    page = opened(root)
    page.get_by_role("link", name="Data").first.click()
    assert page.url.startswith(root.as_uri())
    assert '"answers"' in page.content()


def test_a_hostile_name_is_text(opened: Open, root: Path) -> None:
    """A hostile name is shown literally, with scripts and without, and in the list of names too."""
    shown = HOSTILE.title
    for context in ({}, {"java_script_enabled": False}):
        page = opened(root, **context)
        assert page.title() == "Reports"
        assert page.locator("img").count() == 0
        assert shown in page.locator("#rows .owner").all_text_contents()
    page = opened(root)
    page.get_by_role("searchbox").fill("title='run'")
    expect(page.get_by_role("status")).to_have_text("1 of 8 reports")
    page.get_by_label("Organization").last.select_option(label=shown)
    expect(page.locator("#rows .owner")).to_have_text(shown)


def test_thousands_are_shown_as_they_are_looked_at(opened: Open, many: Path) -> None:
    """Of thousands of editions, some hundreds are rendered; the search covers all, and the button adds more."""
    page = opened(many)
    assert rows(page) < MANY / 10
    assert violations(page) == []
    page.keyboard.press("End")
    expect(page.locator("#rows tr").nth(150)).to_be_attached()
    page.get_by_role("searchbox").fill("client 77 2025-w20")
    expect(page.get_by_role("status")).to_have_text("1 of 5,000 reports")
    page.get_by_role("searchbox").fill("")
    expect(page.get_by_role("status")).to_have_text("All 5,000 reports")
    before = rows(page)
    page.get_by_role("button", name=re.compile("Show 100 more")).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rows tr").nth(before)).to_be_attached()
    assert page.evaluate("document.activeElement.textContent") == "Data"


def test_without_scripts_all_is_there(opened: Open, many: Path) -> None:
    """Without scripts, every edition is in a table, and no control that needs a script is shown."""
    page = opened(many, java_script_enabled=False)
    assert page.locator("tbody tr").count() == MANY
    expect(page.get_by_role("searchbox")).to_be_hidden()
    expect(page.get_by_role("link", name="Data").last).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_empty_archive(opened: Open, tmp_path: Path, scheme: str) -> None:
    """Before the first report, the page says so and offers no search."""
    archive = Archive(tmp_path / "reports")
    archive.check_writable()
    archive.close()
    page = opened(archive.root, color_scheme=scheme)
    expect(page.get_by_text("No reports yet.")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_count(0)
    assert violations(page) == []


def test_it_is_printed_whole(opened: Open, root: Path) -> None:
    """The printout has all editions, without search and buttons."""
    page = opened(root)
    page.emulate_media(media="print")
    expect(page.get_by_role("searchbox")).to_be_hidden()
    expect(page.locator("#rows tr").last).to_be_visible()
