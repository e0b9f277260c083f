"""The archive's index page links to every file, shows what is known, and treats all input as untrusted."""

import json
import os
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from filelock import FileLock

from reporter.archive.index import CACHE, Index
from reporter.archive.index_page import AT_ONCE
from reporter.archive.index_rows import LEADING, REASON_LIMIT
from reporter.archive.store import Archive
from reporter.codec import document
from reporter.domain.snapshot import Organization
from reporter.rendering.render import make_view, written
from tests.mail.mails import CASES, EVERY_LOCALE
from tests.unit.archive.samples import ACME, OLD, WEEK, edition, report
from tests.unit.rendering.reports import made

HOSTILE = Organization("3", "<script>alert(1)</script> \"'& \u202e{{ 7 * 7 }} \ud800")
ZEBRA = Organization("2", "Zebra")
SHOWN = [
    {"key": "response_rate", "name": "Response rate", "shown": "74%", "change": "+4\N{NO-BREAK SPACE}points"},
    {"key": "accepted_sales", "shown": "<u>28</u>", "change": "<img src=x>"},
    {"key": "sales_rate"},
    {"key": ["messages"], "shown": {"a": 1}},
    "nonsense",
]


class Page(HTMLParser):
    """The page as a browser reads it: its elements, addresses, and text."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: dict[str, str] = {}
        self.texts: list[str] = []
        self._address = ""
        self.feed((root / "index.html").read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the element and its address."""
        self.tags.append(tag)
        self._address = dict(attrs).get("href") or ""

    def handle_data(self, data: str) -> None:
        """Record the text, and the link that contains it."""
        self.texts.append(data.strip())
        if self._address and not self._address.startswith("#"):
            self.addresses[unquote(self._address)] = data.strip()
            self._address = ""


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty archive."""
    return Archive(tmp_path)


def keep(archive: Archive, organization: Organization = ACME, **files: bytes) -> Path:
    """Keep a report with its figures and more files, named with underscores for dots; return its folder."""
    data = document(report(organization), figures=SHOWN, headlines=["Die Quote stieg.", "Mehr."])  # type: ignore[arg-type]
    kept = archive.keep(edition({"report.pdf": b"%PDF", "report.json": data}, organization=organization))
    archive.add(kept, {name.replace("_", "."): content for name, content in files.items()})
    return kept.folder


@pytest.mark.parametrize("locale", EVERY_LOCALE)
def test_each_figure_is_that_of_the_data(archive: Archive, locale: str) -> None:
    """Each figure's first number with its change, and the first headline, are the same in every language."""
    data = made(CASES[0], locale).data
    files = {"report.pdf": b"%PDF", "report.json": written(data, make_view(data))}
    archive.keep(edition(files, organization=data.organization, window=data.window))
    archive.close()
    kept = json.loads(files["report.json"])
    texts = [text for text in Page(archive.root).texts if text]
    for figure in (each for each in kept["figures"] if each["key"] in LEADING):
        assert texts[texts.index(figure["shown"]) + 1] == figure["change"]
    assert " ".join(kept["headlines"][0].split("\n")) in texts


def test_a_status_that_no_file_can_hold_is_unknown(archive: Archive) -> None:
    """Half a surrogate pair in a damaged receipt does not prevent writing the page or the cache."""
    line = {"file": "email.eml", "status": "\ud800"}
    keep(archive, email_eml=b"", receipt_json=json.dumps({"deliveries": [line]}).encode())
    archive.close()
    assert "1 unknown" in " ".join(Page(archive.root).texts)
    assert (archive.root / CACHE).is_file()


def test_every_file_is_one_relative_link_away(archive: Archive) -> None:
    """PDF, emails, data, receipt, and former revisions have relative links to files below the page."""
    keep(archive, email_eml=b"", receipt_json=b"{}")
    archive.add(archive.keep(edition(OLD, revision=2)), {"email.eml": b"", "email-02.eml": b""})
    archive.close()
    place = "acme-roofing/week/2026-W17"
    assert Page(archive.root).addresses == {
        f"{place}/report.pdf": "PDF",
        f"{place}/email.eml": "Mail",
        f"{place}/email-02.eml": "Mail 2",
        f"{place}/report.json": "Data",
        f"{place}/revision-1/report.pdf": "Revision 1",
    }
    assert all((archive.root / address).is_file() for address in Page(archive.root).addresses)


def test_figures_and_window_are_shown_as_printed(archive: Archive) -> None:
    """Value, change, and first headline appear verbatim, in the edition's language; the window is in words."""
    keep(archive)
    archive.close()
    page = Page(archive.root)
    assert page.texts[page.texts.index("74%") + 2] == "+4\N{NO-BREAK SPACE}points"
    assert {"<u>28</u>", "<img src=x>", "Die Quote stieg.", "Week 17, 20–26 Apr 2026"} <= set(page.texts)
    assert not {"u", "img"} & set(page.tags)
    assert '<p lang="de-DE" dir="ltr">Die Quote stieg.' in (archive.root / "index.html").read_text("utf-8")


def test_delivery_is_told_without_addresses(archive: Archive) -> None:
    """Messages are counted by delivery state; recipients' addresses are not on the page."""
    statuses = ["accepted", "failed", "accepted", "outbox", "read aloud", "claimed", "sending"]
    deliveries = [{"recipient": "ceo@acme.example", "status": status} for status in statuses]
    keep(archive, receipt_json=json.dumps({"deliveries": deliveries}).encode())
    keep(archive, HOSTILE)
    archive.close()
    page = Page(archive.root)
    assert {"2 sent", "1 failed", "1 written only", "1 unknown", "not mailed"} <= set(page.texts)
    assert [text for text in page.texts if "being sent" in text.lower()] == ["Being sent", "2 being sent"]
    assert "ceo@acme.example" not in "".join(page.texts)


def test_a_mail_that_no_receipt_tells_of_is_unknown(archive: Archive) -> None:
    """A run that was killed while sending leaves an email without a receipt line, whose delivery state is unknown."""
    receipt = {"deliveries": [{"file": "email-02.eml", "status": "accepted"}]}
    folder = keep(archive, email_eml=b"", receipt_json=json.dumps(receipt).encode())
    (folder / "email-02.eml").touch()
    archive.close()
    assert {"1 sent", "1 unknown"} <= set(Page(archive.root).texts)


def test_a_revision_is_told_with_its_reason(archive: Archive) -> None:
    """The reason for a revision is shown as text, truncated; the first edition has none."""
    keep(archive, receipt_json=json.dumps({"revision": 2, "reason": "<b>late</b> " + "W" * 10_000}).encode())
    keep(archive, ZEBRA, receipt_json=json.dumps({"revision": 1, "reason": None}).encode())
    archive.close()
    page = Page(archive.root)
    (told,) = (number for number, text in enumerate(page.texts) if text.startswith("Revision "))
    assert page.texts[told] == "Revision 2:"
    assert page.texts[told + 1] == ("<b>late</b> " + "W" * 10_000)[: REASON_LIMIT - 1] + "…"


def test_a_hostile_name_is_text(archive: Archive) -> None:
    """Markup and template code in a name are shown, not run, and no invisible character changes the text direction."""
    keep(archive, HOSTILE)
    keep(archive)
    archive.close()
    page = Page(archive.root)
    assert HOSTILE.name.replace("\ud800", "?").replace("\u202e", "?") in page.texts
    assert not {"link", "img", "iframe"} & set(page.tags)
    assert page.tags.count("script") == 1
    assert "http" not in (archive.root / "index.html").read_text("utf-8").replace("http-equiv", "")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"report": 1, "figures": {"a": 1}}'])
def test_damaged_files_still_have_their_links(archive: Archive, content: bytes) -> None:
    """An edition whose data or receipt cannot be read is listed without figures."""
    folder = keep(archive)
    (folder / "report.json").write_bytes(content)
    (folder / "receipt.json").write_bytes(content)
    archive.close()
    assert "acme-roofing/week/2026-W17/report.pdf" in Page(archive.root).addresses


def test_the_latest_period_stands_first(archive: Archive) -> None:
    """Periods are sorted from latest to earliest, and within one date by the organization's name."""
    for organization in (Organization("2", "zebra"), ACME):
        for window in WEEK.history(2):
            data = document(report(organization, window), figures=[], headlines=[])
            archive.keep(edition({**OLD, "report.json": data}, organization=organization, window=window))
    archive.close()
    page = Page(archive.root)
    told = [text for text in page.texts if text.startswith("Week ") or text in {"zebra", "Acme Roofing"}]
    later, earlier = "Week 16, 13–19 Apr 2026", "Week 15, 6–12 Apr 2026"
    options = ["Acme Roofing", "zebra"]
    assert told == [*options, later, "Acme Roofing", later, "zebra", earlier, "Acme Roofing", earlier, "zebra"]


def test_many_editions_are_text_until_they_are_looked_at(archive: Archive) -> None:
    """All editions beyond the first hundred are in `noscript`, one per line, each once."""
    data = document(report(), figures=SHOWN, headlines=["One\nline"])  # type: ignore[arg-type]
    folder = archive.folder(ACME, WEEK).parent
    for number in range(AT_ONCE + 20):
        edition_folder = folder / f"{number}"
        edition_folder.mkdir(parents=True)
        (edition_folder / "report.json").write_bytes(data)
    archive.close()
    before, _, further = (archive.root / "index.html").read_text("utf-8").partition("<noscript>")
    rows = [line for line in further.splitlines() if line.startswith("<tr data-") and line.endswith("</tr>")]
    assert (before.count("<tr data-"), len(rows)) == (AT_ONCE, 20)
    assert len(set(rows)) == 20


def test_the_next_run_reads_only_what_changed(archive: Archive) -> None:
    """The results of an earlier run are reused if nothing in the edition's folder has changed."""
    data = keep(archive) / "report.json"
    keep(archive, ZEBRA)
    archive.close()
    then, other = data.stat(), data.read_bytes().replace(b"74%", b"75%")
    data.write_bytes(other)
    os.utime(data, ns=(then.st_atime_ns, then.st_mtime_ns))  # as if unchanged
    Archive(archive.root).close()
    assert "75%" not in Page(archive.root).texts
    os.utime(data)
    Archive(archive.root).close()
    assert {"74%", "75%"} <= set(Page(archive.root).texts)


def test_what_another_version_kept_is_not_believed(archive: Archive) -> None:
    """Another version may have read editions differently, so each is read again."""
    keep(archive)
    archive.close()
    _, rows = json.loads((archive.root / CACHE).read_bytes())
    (archive.root / CACHE).write_text(json.dumps(["another", rows]).replace("74%", "99%"))
    Archive(archive.root).close()
    assert "74%" in Page(archive.root).texts


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff", b'["0/1", {}]', b'["", {"acme-roofing/week/2026-W17": [[], 1]}]']
)
def test_what_an_earlier_run_kept_may_be_damaged(archive: Archive, content: bytes) -> None:
    """If the cache is missing, damaged, or of another version, every edition is read again and the page is the same."""
    keep(archive)
    archive.close()
    before, seen = (archive.root / "index.html").read_bytes(), (archive.root / CACHE).read_bytes()
    (archive.root / CACHE).write_bytes(content)
    Archive(archive.root).close()
    assert (archive.root / "index.html").read_bytes() == before
    assert (archive.root / CACHE).read_bytes() == seen


def test_nobody_waits_while_the_editions_are_read(archive: Archive) -> None:
    """An edition is read once, without the lock, so that a slow read does not block other runs."""
    slow = keep(archive) / "receipt.json"
    os.mkfifo(slow)
    closing = threading.Thread(target=archive.close, daemon=True)
    closing.start()
    lock = FileLock(archive.root / ".state/archive.lock", timeout=60)
    with slow.open("wb"), lock:  # opens when the other end is being read, and closes with the block
        pass
    closing.join(60)
    assert not closing.is_alive()
    assert "Acme Roofing" in Page(archive.root).texts


def test_what_changes_while_others_look_is_on_the_page(archive: Archive) -> None:
    """An edition that appears, vanishes, or changes between the first read and the page is shown in its latest form."""
    owners = [("acme-roofing", ACME), ("zebra", ZEBRA)]
    gone, changed = keep(archive, receipt_json=b"{}"), keep(archive, ZEBRA, receipt_json=b'{"deliveries": []}')
    index = Index(archive.root)
    index.read(owners)
    before = index.page(owners)
    archive.keep(edition(OLD, organization=ZEBRA, window=WEEK.previous()))
    (gone / "report.json").unlink()
    receipt = b'{"deliveries": [{"status": "failed"}]}'
    archive.add(archive.keep(edition(OLD, organization=ZEBRA)), {"receipt.json": receipt})
    assert (changed / "receipt.json").read_bytes() == receipt
    assert before != index.page(owners) == Index(archive.root).page(owners)


def test_an_empty_archive_says_so(archive: Archive) -> None:
    """A run that kept no report leaves a page that says so."""
    archive.check_writable()
    archive.close()
    assert "No reports yet." in Page(archive.root).texts


def test_a_linked_period_is_not_shown(archive: Archive, tmp_path: Path) -> None:
    """A symbolic link cannot list another organization's report under this one."""
    theirs = keep(archive, HOSTILE)
    (keep(archive).parent / "2026-W18").symlink_to(theirs)
    archive.close()
    assert not [address for address in Page(archive.root).addresses if "2026-W18" in address]
