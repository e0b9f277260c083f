"""What earlier editions know of a report's windows, and what they told of the latest."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from reporter.archive.edition import DATA, PDF, Edition
from reporter.archive.history_source import EarlierReports, recall
from reporter.archive.store import Archive
from reporter.codec import document
from reporter.domain.snapshot import Snapshot
from reporter.domain.window import Window
from reporter.hyperrep.responses import parse_snapshot
from tests.unit.archive.samples import ACME, WEEK, answers, report

EARLIER = WEEK.history(13)
SHOWN = report().settings.figures


def snapshot(window: Window, conversations: int) -> Snapshot:
    """What the API answered about a window."""
    return parse_snapshot(window, answers(conversations))


def keep(archive: Archive, window: Window, conversations: int, revision: int = 1) -> None:
    """Archive a report of this window, whose answers all have so many conversations."""
    *history, previous = (snapshot(each, conversations) for each in window.history(13))
    current = snapshot(window, conversations)
    data = replace(report(), organization=ACME, current=current, previous=previous, history=tuple(history))
    files = {PDF: b"%PDF", DATA: document(data, figures=[], headlines=[])}
    archive.keep(Edition(ACME, window, files, revision))


def counts(past: EarlierReports, windows: Iterable[Window]) -> list[int | None]:
    """How many conversations the past knows of each window."""
    found = (past.snapshots.get(window) for window in windows)
    return [known.volume.conversations if known and known.volume else None for known in found]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty archive."""
    return Archive(tmp_path)


def test_an_empty_archive_knows_nothing(archive: Archive) -> None:
    """The first report asks the API for everything."""
    assert recall(archive, ACME, WEEK, revision=1, figures=SHOWN) == EarlierReports()


def test_the_report_before_knows_all_but_its_own_future(archive: Archive) -> None:
    """One edition has its own window and the thirteen before: all that today's line needs, and what was told of it."""
    keep(archive, EARLIER[-1], 40)
    past = recall(archive, ACME, WEEK, revision=1, figures=SHOWN)
    assert counts(past, EARLIER) == [40] * 13
    assert [known.window for known in past.reported] == [EARLIER[-1]]


def test_later_answers_go_before_earlier_ones(archive: Archive) -> None:
    """Where two editions know a window, the later one was asked later; gaps are filled from further back."""
    keep(archive, EARLIER[-3], 30)
    keep(archive, EARLIER[-2], 40)
    past = recall(archive, ACME, WEEK, revision=1, figures=SHOWN)
    assert counts(past, EARLIER) == [40] * 12 + [None]
    assert past.reported == ()


def test_a_revision_knows_what_its_readers_have(archive: Archive) -> None:
    """A report that was sent is told of; one that nobody has is not."""
    keep(archive, WEEK, 50)
    assert [known.window for known in recall(archive, ACME, WEEK, revision=2, figures=SHOWN).reported] == [WEEK]
    assert recall(archive, ACME, WEEK, revision=1, figures=SHOWN) == EarlierReports()


def test_a_revision_that_was_begun_is_not_what_readers_have(archive: Archive) -> None:
    """A run that died before it sent the second revision leaves the first to be told of."""
    keep(archive, WEEK, 50)
    keep(archive, WEEK, 60, revision=2)
    for revision, conversations in ((2, 50), (3, 60)):
        (told,) = recall(archive, ACME, WEEK, revision=revision, figures=SHOWN).reported
        assert told == snapshot(WEEK, conversations)


def test_a_revision_tells_of_the_window_before_too(archive: Archive) -> None:
    """That its own first edition knows every window is no reason to forget what the report before said."""
    keep(archive, EARLIER[-1], 40)
    keep(archive, WEEK, 50)
    told = recall(archive, ACME, WEEK, revision=2, figures=SHOWN).reported
    assert [known.window for known in told] == [WEEK, EARLIER[-1]]


def test_nobody_was_told_of_a_figure_that_was_not_shown(archive: Archive) -> None:
    """A figure that is new on the page cannot have been reported otherwise; the answers are of use all the same."""
    keep(archive, EARLIER[-1], 40)
    past = recall(archive, ACME, WEEK, revision=1, figures=(*SHOWN, "one_more"))
    assert past.reported == ()
    assert counts(past, EARLIER) == [40] * 13


def test_other_windows_are_not_these(archive: Archive) -> None:
    """The same week in another time zone is another window."""
    keep(archive, EARLIER[-1], 40)
    elsewhere = replace(WEEK, timezone="Asia/Tokyo")
    assert recall(archive, ACME, elsewhere, revision=1, figures=SHOWN) == EarlierReports()


def test_a_damaged_edition_is_passed_over(archive: Archive) -> None:
    """The API answers in its place, and the log says which it is."""
    archive.keep(Edition(ACME, EARLIER[-1], {PDF: b"%PDF", DATA: b"{}"}))
    with capture_logs() as logs:
        assert recall(archive, ACME, WEEK, revision=1, figures=SHOWN) == EarlierReports()
    assert [(entry["event"], entry["window"]) for entry in logs] == [("archive.unread", EARLIER[-1].label)]
