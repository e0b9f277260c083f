"""The data that earlier editions have about a report's windows, and the values they reported for the previous one."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from reporter.archive.archived_reports import EarlierReports, recall
from reporter.archive.edition import DATA, PDF, Edition
from reporter.archive.store import Archive
from reporter.codec import document
from reporter.domain.snapshot import Snapshot
from reporter.domain.window import Window
from reporter.hyperrep.responses import parse_snapshot
from tests.unit.archive.samples import ACME, WEEK, answers, report

EARLIER = WEEK.history(13)
SHOWN = report().settings.figures


def snapshot(window: Window, conversations: int) -> Snapshot:
    """The API's answer for a window."""
    return parse_snapshot(window, answers(conversations))


def keep(archive: Archive, window: Window, conversations: int, revision: int = 1) -> None:
    """Archive a report of this window, with the same number of conversations in every answer."""
    *history, previous = (snapshot(each, conversations) for each in window.history(13))
    current = snapshot(window, conversations)
    data = replace(report(), organization=ACME, current=current, previous=previous, history=tuple(history))
    files = {PDF: b"%PDF", DATA: document(data, figures=[], headlines=[])}
    archive.keep(Edition(ACME, window, files, revision))


def counts(past: EarlierReports, windows: Iterable[Window]) -> list[int | None]:
    """The number of conversations known for each window."""
    found = (past.snapshots.get(window) for window in windows)
    return [known.volume.conversations if known and known.volume else None for known in found]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty archive."""
    return Archive(tmp_path)


def test_an_empty_archive_knows_nothing(archive: Archive) -> None:
    """For the first report, everything is requested from the API."""
    assert recall(archive, ACME, WEEK, revision=1, figures=SHOWN) == EarlierReports()


def test_the_report_before_knows_all_but_its_own_future(archive: Archive) -> None:
    """One edition has its own window and the thirteen before, which is all that today's line and restatements need."""
    keep(archive, EARLIER[-1], 40)
    past = recall(archive, ACME, WEEK, revision=1, figures=SHOWN)
    assert counts(past, EARLIER) == [40] * 13
    assert [known.window for known in past.reported] == [EARLIER[-1]]


def test_later_answers_go_before_earlier_ones(archive: Archive) -> None:
    """If two editions contain a window, the later answer is used; gaps are filled from earlier editions."""
    keep(archive, EARLIER[-3], 30)
    keep(archive, EARLIER[-2], 40)
    past = recall(archive, ACME, WEEK, revision=1, figures=SHOWN)
    assert counts(past, EARLIER) == [40] * 12 + [None]
    assert past.reported == ()


def test_a_revision_knows_what_its_readers_have(archive: Archive) -> None:
    """Figures that a recipient has received count as previously reported; unsent figures do not."""
    keep(archive, WEEK, 50)
    assert [known.window for known in recall(archive, ACME, WEEK, revision=2, figures=SHOWN).reported] == [WEEK]
    assert recall(archive, ACME, WEEK, revision=1, figures=SHOWN) == EarlierReports()


def test_a_revision_that_was_begun_is_not_what_readers_have(archive: Archive) -> None:
    """If a run died before it sent the second revision, the first is what was previously reported."""
    keep(archive, WEEK, 50)
    keep(archive, WEEK, 60, revision=2)
    for revision, conversations in ((2, 50), (3, 60)):
        (told,) = recall(archive, ACME, WEEK, revision=revision, figures=SHOWN).reported
        assert told == snapshot(WEEK, conversations)


def test_a_revision_tells_of_the_window_before_too(archive: Archive) -> None:
    """Although a report's first edition knows every window, the values of the report before are still used."""
    keep(archive, EARLIER[-1], 40)
    keep(archive, WEEK, 50)
    told = recall(archive, ACME, WEEK, revision=2, figures=SHOWN).reported
    assert [known.window for known in told] == [WEEK, EARLIER[-1]]


def test_nobody_was_told_of_a_figure_that_was_not_shown(archive: Archive) -> None:
    """A figure that is new on the page cannot be restated; its answers are still used."""
    keep(archive, EARLIER[-1], 40)
    past = recall(archive, ACME, WEEK, revision=1, figures=(*SHOWN, "one_more"))
    assert past.reported == ()
    assert counts(past, EARLIER) == [40] * 13


def test_other_windows_are_not_these(archive: Archive) -> None:
    """The same week in another time zone is a different window."""
    keep(archive, EARLIER[-1], 40)
    elsewhere = replace(WEEK, timezone="Asia/Tokyo")
    assert recall(archive, ACME, elsewhere, revision=1, figures=SHOWN) == EarlierReports()


def test_a_damaged_edition_is_passed_over(archive: Archive) -> None:
    """The API's answer replaces it, and the log names the damaged edition."""
    archive.keep(Edition(ACME, EARLIER[-1], {PDF: b"%PDF", DATA: b"{}"}))
    with capture_logs() as logs:
        assert recall(archive, ACME, WEEK, revision=1, figures=SHOWN) == EarlierReports()
    assert [(entry["event"], entry["window"]) for entry in logs] == [("archive.unread", EARLIER[-1].label)]
