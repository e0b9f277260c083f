"""When an alert is sent: for what is new, has changed, has lasted a day, or has ended, and for nothing else."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.alerts.alert_state import AlertState, KnownIncident, PendingAlerts, judge
from reporter.alerts.incident import RunFindings, of_error
from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import LedgerError
from reporter.outcome import ReportOutcome
from tests.unit.alerts.runs import NOON, broken, mailed, seen

QUARTER = timedelta(minutes=15)
ACCEPTED, DEFERRED, FAILED = DeliveryStatus.ACCEPTED, DeliveryStatus.DEFERRED, DeliveryStatus.FAILED
UNKNOWN = DeliveryStatus.UNKNOWN


def told(*runs: tuple[datetime, RunFindings]) -> list[PendingAlerts]:
    """The alerts after each of these runs, if every alert is delivered."""
    known: dict[str, KnownIncident] = {}
    said = []
    for moment, each in runs:
        news = judge(known, each, moment)
        known = dict(news.if_reported if news.is_due else news.if_unreported)
        said.append(news)
    return said


def moments(*runs: tuple[datetime, RunFindings]) -> list[bool]:
    """The runs after which an alert was sent."""
    return [news.is_due for news in told(*runs)]


def test_a_week_of_runs_every_quarter_of_an_hour_tells_daily() -> None:
    """A failure that lasts for 672 runs is reported at first and then once a day, and its end is reported once."""
    runs = [(NOON + QUARTER * number, seen(broken())) for number in range(7 * 96)]
    end = NOON + timedelta(days=7)
    said = told(*runs, (end, seen(mailed(ACCEPTED))), (end + QUARTER, seen(mailed(ACCEPTED))))
    assert 7 <= sum(news.is_due for news in said[:-2]) <= 8
    assert [news.is_due for news in said[-2:]] == [True, False]
    assert (said[-2].incidents, said[-2].ended) == ((), ("Acme Roofing, month 2026-04",))


def test_a_daily_run_that_comes_a_little_early_tells_daily() -> None:
    """A scheduler that starts seconds earlier than the day before does not skip every other day's alert."""
    days = [(NOON + timedelta(days=day, seconds=-day), seen(broken())) for day in range(5)]
    assert moments(*days) == [True] * 5


def test_what_is_put_off_is_told_after_a_day() -> None:
    """Greylisting and a full mailbox are reported only if they last a day; if they pass, no alert is sent."""
    deferred, sent = seen(mailed(DEFERRED)), seen(mailed(ACCEPTED))
    assert moments((NOON, deferred), (NOON + QUARTER, deferred), (NOON + 2 * QUARTER, sent)) == [False] * 3
    assert moments((NOON, deferred), (NOON + timedelta(days=1), deferred)) == [False, True]


def test_a_server_that_words_its_refusal_anew_is_no_news() -> None:
    """A reply with a new queue number or time is not a new error; another kind of error is reported at once."""
    first, again = seen(mailed(FAILED, "550 id 1")), seen(mailed(FAILED, "550 id 2"))
    doubt = seen(mailed(UNKNOWN))
    assert moments((NOON, first), (NOON + QUARTER, again), (NOON + 2 * QUARTER, doubt)) == [True, False, True]


def test_a_run_knows_only_of_its_own_reports() -> None:
    """A report's success does not end another's failure, nor does a run with nothing to do or one that crashed."""
    failure, other = seen(broken()), seen(mailed(ACCEPTED, name="Corner Bakery"))
    assert moments((NOON, failure), (NOON + QUARTER, other), (NOON + 2 * QUARTER, seen())) == [True, False, False]
    later = judge(told((NOON, failure))[0].if_reported, of_error(LedgerError("gone"), 2), NOON + QUARTER)
    assert (later.is_due, later.ended, [incident.reason for incident in later.incidents]) == (True, (), ["gone"])


def test_a_doubt_that_a_person_settled_is_over_for_every_run() -> None:
    """The ledger knows every email with an unknown outcome, so a run of another report sees that it was settled."""
    doubt, other = seen(mailed(UNKNOWN)), seen(mailed(ACCEPTED, name="Corner Bakery"))
    _, news = told((NOON, doubt), (NOON + QUARTER, other))
    assert news.ended == ("Acme Roofing, month 2026-04: ceo@acme.example",)


def test_what_reached_nobody_is_still_news() -> None:
    """While no alert can be delivered, each run tries again, both for an error and for its end."""
    first = judge({}, seen(broken()), NOON)
    second = judge(first.if_unreported, seen(broken()), NOON + QUARTER)
    end = judge(second.if_reported, seen(mailed(ACCEPTED)), NOON + 2 * QUARTER)
    again = judge(end.if_unreported, seen(mailed(ACCEPTED)), NOON + 3 * QUARTER)
    assert [news.is_due for news in (first, second, end, again)] == [True] * 4
    assert not judge(again.if_reported, seen(mailed(ACCEPTED)), NOON + 4 * QUARTER).is_due


def test_what_nobody_meets_any_more_is_forgotten() -> None:
    """An error of a report that was removed from the configuration is forgotten in time."""
    first, other = judge({}, seen(broken()), NOON), seen(broken("Corner Bakery"))
    assert len(judge(first.if_reported, other, NOON + timedelta(days=39)).if_reported) == 2
    assert len(judge(first.if_reported, other, NOON + timedelta(days=41)).if_reported) == 1


@given(st.lists(st.sampled_from([broken(), mailed(FAILED), mailed(UNKNOWN), mailed(ACCEPTED), mailed(DEFERRED)])))
def test_what_is_kept_is_what_is_known(runs: list[ReportOutcome]) -> None:
    """No end is reported without its error, no error twice in one day, and after a good end no error is known."""
    known: dict[str, KnownIncident] = {}
    for number, run in enumerate(runs):
        news = judge(known, seen(run), NOON + QUARTER * number)
        assert all(any(each.title == title and each.told for each in known.values()) for title in news.ended)
        known = dict(news.if_reported if news.is_due else news.if_unreported)
        assert not judge(known, seen(run), NOON + QUARTER * number).is_due
    assert not judge(known, seen(mailed(ACCEPTED)), NOON).if_reported


def test_the_file_keeps_what_it_is_given(tmp_path: Path) -> None:
    """The next run reads what was saved, unchanged, whatever the organization's name."""
    kept = judge({}, seen(broken('\ud800"\n{}'), mailed(DEFERRED)), NOON).if_reported
    state = AlertState(tmp_path)
    assert state.is_empty
    with state.locked():
        state.save(kept)
    assert AlertState(tmp_path).load() == kept


@pytest.mark.parametrize("content", ["", "[1]", '{"a": 1}', '{"a": {}}', "null", "\ud800"])
def test_a_file_that_makes_no_sense_is_forgotten(content: str, tmp_path: Path) -> None:
    """An unreadable state file is ignored: a repeated alert is better than a failed run."""
    state = AlertState(tmp_path)
    state.save({})
    next(tmp_path.rglob("notices.json")).write_bytes(content.encode("utf-8", "surrogatepass"))
    assert state.load() == {}
    state.save({})
    assert state.load() == {}
