"""The requests of one report to the API, all at once, and which missing answers it tolerates."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from reporter.analysis.metrics import FIGURES
from reporter.archive.archived_reports import EarlierReports
from reporter.config.load import load_environment
from reporter.config.settings import Overrides, ReportConfig
from reporter.domain.errors import ApiKeyRefused, ApiRefused, ApiUnreachable
from reporter.domain.report import CurrencySource, ReportData, Section
from reporter.domain.snapshot import Block, Organization, Snapshot
from reporter.domain.window import Period, Window, last_complete
from reporter.fetch import fetch, needed
from reporter.hyperrep.responses import parse_snapshot
from reporter.planning import PlannedReport
from tests.unit.archive.samples import answers

ACME = Organization("id-1", "Acme Roofing")
TODAY = date(2026, 5, 4)
APRIL = last_complete(Period.MONTH, TODAY, "America/New_York")
EARLIER = APRIL.history(13)
DEFAULTS = load_environment({}, Overrides()).defaults


def _nothing(_asked: Any) -> None:
    """Raise no error."""


@dataclass
class Answering:
    """Give each window the same answer. `fault` receives each window, and `None` for the currencies, and may raise."""

    fault: Callable[[Window | None], None] = _nothing
    recorded: frozenset[str] = frozenset({"USD"})
    together: asyncio.Barrier | None = None
    last_stage: str = "Accepted"
    asked: list[tuple[Window, frozenset[Block]]] = field(default_factory=list)
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def organizations(self) -> tuple[Organization, ...]:
        """The only organization."""
        return (ACME,)

    async def snapshot(self, _organization: Organization, window: Window, blocks: frozenset[Block]) -> Snapshot:
        """Return the window's answer, once all requests that belong together are waiting."""
        self.asked.append((window, blocks))
        await self._wait()
        self.fault(window)
        answer = answers()
        if self.last_stage != "Accepted":
            answer["sales"]["pipeline"][-1] |= {"name": self.last_stage, "status": None}
        return parse_snapshot(window, answer)

    async def currencies(self, _organization: Organization, start: datetime, end: datetime) -> frozenset[str]:
        """The recorded currencies."""
        self.spans.append((start, end))
        await self._wait()
        self.fault(None)
        return self.recorded

    async def _wait(self) -> None:
        if self.together:
            await self.together.wait()


def report_on(source: Answering, config: ReportConfig = DEFAULTS) -> ReportData:
    """April's data from this source."""
    return asyncio.run(fetch(source, PlannedReport(ACME, config, APRIL), TODAY))


def failing(error: Exception, *windows: Window | None) -> Callable[[Window | None], None]:
    """Raise an error for these windows."""

    def fault(window: Window | None) -> None:
        if window in windows:
            raise error

    return fault


def test_a_report_asks_for_everything_at_once() -> None:
    """Fourteen windows and the currencies are requested at once: if one request waited, this test would not end."""

    async def asked_together() -> ReportData:
        source = Answering(together=asyncio.Barrier(15))
        return await fetch(source, PlannedReport(ACME, DEFAULTS, APRIL), TODAY)

    data = asyncio.run(asked_together())
    assert [snapshot and snapshot.window for snapshot in data.snapshots] == [*EARLIER, APRIL]
    assert (data.organization, data.made_on, data.settings.locale) == (ACME, TODAY, "en_US")


def test_earlier_windows_are_asked_for_the_figures_alone() -> None:
    """Channels and pipeline show two windows; for earlier windows, only the figures' own blocks are requested."""
    source = Answering()
    report_on(source, replace(DEFAULTS, figures=("response_rate",)))
    blocks = dict(source.asked)
    assert blocks[APRIL] == blocks[EARLIER[-1]] == {Block.RESPONSE_RATE, Block.MODALITY, Block.SALES}
    assert {blocks[window] for window in EARLIER[:-1]} == {frozenset({Block.RESPONSE_RATE})}


@pytest.mark.parametrize(
    ("figures", "sections", "blocks"),
    [
        (("response_rate",), (), {Block.RESPONSE_RATE}),
        (("response_time",), (), {Block.RESPONSE_TIME}),
        (("conversations", "messages"), (), {Block.VOLUME}),
        (("sales_rate", "accepted_sales"), (), {Block.SALES}),
        (("messages",), (Section.CHANNELS,), {Block.VOLUME, Block.MODALITY}),
        (("messages",), (Section.PIPELINE,), {Block.VOLUME, Block.SALES}),
        (tuple(FIGURES), tuple(Section), set(Block)),
    ],
)
def test_figures_and_sections_need_their_blocks(
    figures: tuple[str, ...], sections: tuple[Section, ...], blocks: set[Block]
) -> None:
    """A block that the report does not show is not requested."""
    assert needed(figures, sections) == blocks


@pytest.mark.parametrize("window", [APRIL, EARLIER[-1]])
def test_the_reported_window_and_the_one_before_are_required(window: Window) -> None:
    """If either window is missing there is no report, and the API's own error says why."""
    with pytest.raises(ApiRefused, match="no such window"):
        report_on(Answering(failing(ApiRefused("no such window"), window)))


def test_an_earlier_window_may_be_missing() -> None:
    """A missing earlier window leaves a gap."""
    data = report_on(Answering(failing(ApiUnreachable("no answer"), EARLIER[3])))
    assert [position for position, snapshot in enumerate(data.snapshots) if snapshot is None] == [3]


@pytest.mark.parametrize(
    ("last_stage", "figures", "warned"),
    [
        ("Signed ✔", tuple(FIGURES), ["accepted_stage.missing"]),
        ("accepted ", tuple(FIGURES), []),
        ("Signed ✔", ("sales_rate",), []),
    ],
)
def test_an_operator_hears_of_sales_that_nobody_can_count(
    last_stage: str, figures: tuple[str, ...], warned: list[str]
) -> None:
    """If a report shows accepted sales and no stage counts as accepted, the log warns and says how to fix it."""
    with capture_logs() as logs:
        report_on(Answering(last_stage=last_stage), replace(DEFAULTS, figures=figures))
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == warned
    assert all("Accepted" in entry["hint"] for entry in logs)


@pytest.mark.parametrize("place", [EARLIER[0], None], ids=["an early window", "the currencies"])
def test_a_refused_key_is_never_a_gap(place: Window | None) -> None:
    """A refused key affects every request, so it is an error, not a report with a gap."""
    with pytest.raises(ApiKeyRefused):
        report_on(Answering(failing(ApiKeyRefused("expired"), place)))


def test_the_refused_key_is_told_before_other_errors() -> None:
    """Of several simultaneous errors, the one that affects all requests is reported."""

    def fault(window: Window | None) -> None:
        raise ApiKeyRefused("expired") if window == EARLIER[-1] else ApiUnreachable("no answer")

    with pytest.raises(ApiKeyRefused):
        report_on(Answering(fault))


@pytest.mark.parametrize(
    ("recorded", "currency", "source"),
    [
        ({"USD"}, "USD", CurrencySource.SALES_RECORDS),
        ({"USD", "CAD"}, None, CurrencySource.MIXED_RECORDS),
        (set(), None, CurrencySource.NO_RECORDS),
    ],
)
def test_the_records_of_both_windows_say_the_currency(
    recorded: set[str], currency: str | None, source: CurrencySource
) -> None:
    """Otherwise, the currency comes from the records, from the previous window's start to the reported one's end."""
    answering = Answering(recorded=frozenset(recorded))
    settings = report_on(answering).settings
    assert (settings.currency, settings.currency_source) == (currency, source)
    assert answering.spans == [(EARLIER[-1].start, APRIL.end)]


def test_records_that_cannot_be_read_leave_the_currency_open() -> None:
    """The report is rendered without a currency and gives the reason."""
    settings = report_on(Answering(failing(ApiUnreachable("no answer"), None))).settings
    assert (settings.currency, settings.currency_source) == (None, CurrencySource.UNAVAILABLE)


@pytest.mark.parametrize(
    ("config", "source"),
    [
        (replace(DEFAULTS, currency="EUR", currency_given_by=CurrencySource.OPTION), CurrencySource.OPTION),
        (
            replace(DEFAULTS, currency="EUR", currency_given_by=CurrencySource.CONFIGURATION),
            CurrencySource.CONFIGURATION,
        ),
    ],
)
def test_a_currency_that_is_given_is_not_asked_for(config: ReportConfig, source: CurrencySource) -> None:
    """No records are requested, and the report has the source of the currency."""
    answering = Answering()
    settings = report_on(answering, config).settings
    assert (settings.currency, settings.currency_source, answering.spans) == ("EUR", source, [])


def test_a_report_without_money_asks_for_no_currency() -> None:
    """If neither figures nor sections show sales, no records are requested."""
    answering = Answering()
    report_on(answering, replace(DEFAULTS, figures=("messages",), sections=()))
    assert answering.spans == []


def test_what_the_archive_knows_is_not_asked_again() -> None:
    """Windows before the latest two are read from the archive, unless an answer lacks a needed block."""
    known = {window: parse_snapshot(window, answers()) for window in EARLIER}
    lacking = {**known, EARLIER[3]: parse_snapshot(EARLIER[3], {"conversations": answers()["conversations"]})}
    for snapshots, asked in ((known, [EARLIER[-1], APRIL]), (lacking, [EARLIER[3], EARLIER[-1], APRIL])):
        source, told = Answering(), known[EARLIER[-1]]
        past = EarlierReports(snapshots, (told,))
        data = asyncio.run(fetch(source, PlannedReport(ACME, DEFAULTS, APRIL), TODAY, past))
        assert sorted((window for window, _ in source.asked), key=lambda window: window.first) == asked
        assert [snapshot.window for snapshot in data.history if snapshot] == list(EARLIER[:-1])
        assert data.reported == (told,)
