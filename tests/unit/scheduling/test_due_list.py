"""Due reports at each tick, with a real ledger: every window once, on time, even if the clocks change."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reporter.config.load import load_environment
from reporter.config.settings import Overrides, ReportConfig
from reporter.delivery.channel import DeliveryKey
from reporter.domain.errors import UsageError
from reporter.domain.mailbox import Mailbox
from reporter.domain.window import Period
from reporter.ledger.database import Database, sqlite_url
from reporter.ledger.ledger import Ledger
from reporter.scheduling.calendar import read_time
from reporter.scheduling.due_list import CatchUp, CatchUpPolicy, DueList, find_due
from tests.tiers import first_is_fast

TICK = timedelta(minutes=15)
READER = "ceo@acme.example"
WEEKLY = load_environment({}, Overrides(week_start="monday", to=(READER,))).defaults
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "UTC")
TIMES = ("00:00", "01:45", "02:30", "07:00", "23:50")
REPORTS = tuple(
    replace(WEEKLY, organization=f"{zone} {at}", period=Period.DAY, timezone=zone, send_at=read_time(at))
    for zone in ZONES
    for at in TIMES
)


class Desk:
    """A ledger in a file, with functions that compute the due list and record everything due as sent."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(sqlite_url(folder / "ledger.sqlite3"), lambda: datetime.now(UTC))
        self.book = Ledger(self.database, "run")

    def look(self, reports: Sequence[ReportConfig], now: datetime, policy: CatchUpPolicy | None = None) -> DueList:
        """The due list at this time; the API key can access every organization whose name is not `nobody`."""
        with self.database.transaction() as at:
            return find_due(at, reports, policy or CatchUpPolicy(), now, lambda _id, _window: True, find=_find)

    def send(self, agenda: DueList) -> list[tuple[str, str]]:
        """Record every due report as planned and accepted, so that it is not due again."""
        sent = []
        for item in agenda.due:
            window = item.occurrence.window
            assert item.organization_id
            key = DeliveryKey(item.organization_id, window.period, window.label, READER, 1)
            self.book.plan([key], item.report.organization or "")
            sent.append((item.organization_id, window.label))
        with self.database.transaction() as at:
            at.connection.exec_driver_sql("UPDATE deliveries SET state = 'accepted'")
        return sent


def _find(name: str) -> str:
    if name == "nobody":
        raise UsageError("unknown")
    return name


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A `Desk` with a new ledger."""
    desk = Desk(tmp_path)
    yield desk
    desk.database.close()


SUNDAYS = ["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-25", "2026-11-01"]


@pytest.mark.parametrize("sunday", first_is_fast(SUNDAYS))
def test_a_weekend_of_ticks_sends_every_window_once_and_on_time(desk: Desk, sunday: str) -> None:
    """With ticks every 15 minutes from Friday to Tuesday, across a clock change, every window is sent once, on time."""
    start = datetime.fromisoformat(f"{sunday}T00:00:00+00:00") - timedelta(days=2)
    sent: dict[tuple[str, str], datetime] = {}
    for tick in range(4 * 24 * 4):
        now = start + tick * TICK
        for key in desk.send(desk.look(REPORTS, now)):
            assert key not in sent
            sent[key] = now
    for report in REPORTS:
        expected = list(report.timetable.occurrences(start - timedelta(hours=1), now))
        mine = [
            (label, moment) for (organization, label), moment in sent.items() if organization == report.organization
        ]
        assert [label for label, _ in mine] == [each.window.label for each in expected]
        lateness = [moment - each.moment for (_, moment), each in zip(mine, expected, strict=True)]
        assert all(timedelta() <= late < TICK for late in lateness[1:])


@pytest.mark.parametrize(("catch_up", "due"), [(CatchUp.NONE, 0), (CatchUp.LATEST, 1), (CatchUp.ALL, 3)])
def test_what_is_missed_is_caught_up_once(desk: Desk, catch_up: CatchUp, due: int) -> None:
    """After four days with a limit of three, reports are caught up as configured, and older ones reported once."""
    reports, policy = REPORTS[3:4], CatchUpPolicy(catch_up, timedelta(days=3))
    start = datetime(2026, 4, 6, 12, tzinfo=UTC)
    desk.look(reports, start, policy)
    agenda = desk.look(reports, start + timedelta(days=4), policy)
    assert (len(agenda.due), len(agenda.missed)) == (due, 1)
    desk.send(agenda)
    again = desk.look(reports, start + timedelta(days=4) + TICK, policy)
    assert (again.due, again.missed) == ((), ())


def test_an_organization_without_a_name_keeps_nobody_waiting(desk: Desk) -> None:
    """An organization that the key cannot access is reported with the reason, and the others are due."""
    monday = datetime(2026, 4, 6, 7, 15, tzinfo=UTC)
    agenda = desk.look([replace(WEEKLY, organization=name) for name in ("nobody", "acme")], monday)
    assert [item.organization_id for item in agenda.due] == ["acme"]
    assert [str(item.error) for item in agenda.unidentified] == ["unknown"]


def test_another_time_or_reader_sends_no_window_again(desk: Desk) -> None:
    """A report moved from Monday to Wednesday is not sent again; a new recipient receives only the latest window."""
    report = replace(WEEKLY, organization="acme")
    monday = datetime(2026, 4, 6, 7, 15, tzinfo=UTC)
    desk.look([report], monday - timedelta(days=8))
    assert desk.send(desk.look([report], monday)) == [("acme", "2026-W14")]
    later = replace(report, send_at=read_time("Wed 07:00"))
    assert desk.look([later], monday + timedelta(days=3)).due == ()
    joined = replace(report, recipients=(Mailbox("", READER), Mailbox("", "cfo@acme.example")))
    (item,) = desk.look([joined], monday + timedelta(days=3)).due
    assert item.occurrence.window.label == "2026-W14"
