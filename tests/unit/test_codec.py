"""A report is written as JSON and read back without loss; an error in the file is reported with its place."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.codec import decode, document, encode, parse
from reporter.domain.errors import ArchiveError
from reporter.domain.report import (
    Brand,
    CurrencySource,
    MarkedAsTest,
    Paper,
    ReportData,
    ReportSettings,
    Revision,
    Section,
)
from reporter.domain.snapshot import Organization, Snapshot
from reporter.domain.window import Period, WeekStart, Window, custom, last_complete, running
from reporter.hyperrep.responses import parse_snapshot
from tests.unit.archive.samples import report

COUNTS = st.integers(0, 2**53)
SHARES = st.none() | st.floats(0, 1)
MONEY = st.decimals(0, 10**12, places=4).map(lambda value: f"{value:f}")
TEXTS = st.text(max_size=12)
DAYS = st.dates(date(2019, 1, 1), date(2035, 12, 31))
ZONES = st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"])


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Any window that a report can cover, complete or not."""
    day, zone, week_start = draw(DAYS), draw(ZONES), draw(st.sampled_from(WeekStart))
    period = draw(st.sampled_from([period for period in Period if period is not Period.CUSTOM]))
    kind = draw(st.sampled_from(["complete", "running", "custom"]))
    if kind == "custom":
        first = day - timedelta(draw(st.integers(1, 400)))
        return custom(first, first + timedelta(draw(st.integers(1, 800))), day, zone)
    return (last_complete if kind == "complete" else running)(period, day, zone, week_start)


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "conversations/response-rate": st.fixed_dictionaries(
            {"numConversationsReceived": COUNTS, "numConversationsRespondedTo": COUNTS, "responseRate": SHARES}
        ),
        "conversations/response-time": st.fixed_dictionaries({"responseTime": st.none() | COUNTS | st.floats(0, 1e6)}),
        "conversations/volume": st.fixed_dictionaries(
            {"numMessagesReceived": COUNTS, "numMessagesSent": COUNTS, "totalConversations": COUNTS}
        ),
        "sales": st.fixed_dictionaries(
            {
                "pipeline": st.lists(
                    st.fixed_dictionaries(
                        {"name": TEXTS, "status": st.none() | TEXTS, "volume": COUNTS, "value": MONEY, "new": TEXTS}
                    ),
                    max_size=3,
                ),
                "salesRate": SHARES,
            }
        ),
    },
)
SNAPSHOTS: st.SearchStrategy[Snapshot] = st.builds(parse_snapshot, windows(), ANSWERS)
SETTINGS = st.builds(
    ReportSettings,
    locale=TEXTS,
    figures=st.lists(TEXTS, max_size=6).map(tuple),
    sections=st.lists(st.sampled_from(Section), max_size=2).map(tuple),
    template=TEXTS,
    paper=st.sampled_from(Paper),
    currency=st.none() | TEXTS,
    currency_source=st.sampled_from(CurrencySource),
    brand=st.builds(
        Brand,
        name=st.none() | TEXTS,
        color=st.none() | TEXTS,
        footer=st.none() | TEXTS,
        logo=st.none() | st.binary(max_size=40),
        logo_type=st.none() | TEXTS,
    ),
    targets=st.dictionaries(TEXTS, st.decimals(allow_nan=False, allow_infinity=False), max_size=3),
)
REPORTS = st.builds(
    ReportData,
    organization=st.builds(Organization, TEXTS, TEXTS),
    settings=SETTINGS,
    made_on=DAYS,
    current=SNAPSHOTS,
    previous=SNAPSHOTS,
    history=st.lists(st.none() | SNAPSHOTS, max_size=4).map(tuple),
    stamp=st.none() | st.builds(Revision, st.integers(2), st.text()) | st.builds(MarkedAsTest),
)


@given(REPORTS)
def test_what_is_written_is_read_back(data: ReportData) -> None:
    """Any report is equal when read back from its bytes, and gives the same bytes again."""
    content = document(data, figures=[], headlines=[])
    again = decode(parse(content))
    assert again == data
    assert document(again, figures=[], headlines=[]) == content


def test_decimals_keep_their_digits() -> None:
    """A target is decimal text and keeps its trailing zeros, which equality ignores."""
    data = report()
    assert str(decode(encode(data)).settings.targets["response_rate"]) == "0.80"
    assert encode(data)["report"]["targets"] == {"response_rate": "0.80"}


def test_the_document_is_laid_out_for_readers() -> None:
    """A person finds the organization, the windows' ends, the raw answers oldest first, and the printed text."""
    shown = {"key": "response_rate", "name": "Response rate", "shown": "70\u202f%", "change": "unchanged"}
    content = document(report(), figures=[shown], headlines=["Größer."])
    read = json.loads(content)
    assert sorted(read) == ["answers", "figures", "generator", "headlines", "report", "schema"]
    assert read["report"]["window"] == {
        "period": "week",
        "label": "2026-W17",
        "start": "2026-04-20T00:00:00-04:00",
        "end": "2026-04-27T00:00:00-04:00",
        "first": "2026-04-20",
        "until": "2026-04-27",
        "timezone": "America/New_York",
        "week_start": "monday",
        "planned_until": None,
    }
    assert read["report"]["previous"]["label"] == "2026-W16"
    labels = [entry and entry["window"]["label"] for entry in read["answers"]]
    assert labels == [None, "2026-W15", "2026-W16", "2026-W17"]
    assert read["answers"][-1]["answers"]["sales"]["pipeline"][0]["value"] == "28800.00"
    assert (read["figures"], read["headlines"]) == ([shown], ["Größer."])
    assert content.endswith(b"}\n")
    assert "Größer".encode() in content


def test_only_a_report_with_a_stamp_has_a_word_of_it() -> None:
    """An ordinary report's data has no stamp key, and is read without one."""
    assert "stamp" not in encode(report())["report"]
    stamped = encode(replace(report(), stamp=Revision(2, "late answers")))["report"]["stamp"]
    assert stamped == {"kind": "revision", "number": 2, "reason": "late answers"}


def test_a_setting_that_came_later_takes_its_default() -> None:
    """A report from before a setting existed can still be read."""
    old = encode(report())
    del old["report"]["paper"]
    assert decode(old).settings.paper is Paper.A4


def _without(*way: str | int) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        for step in way[:-1]:
            value = value[step]
        del value[way[-1]]

    return change


def _with(value: object, *way: str | int) -> Callable[[Any], None]:
    def change(place: Any) -> None:
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = value

    return change


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_without("schema"), "^schema is missing"),
        (_with(2, "schema"), "^schema is 2, this version reads 1: use the version"),
        (_with([], "report"), r"^report\.organization is missing"),
        (_without("report", "organization", "name"), r"^report\.organization\.name: "),
        (_with("soon", "report", "made_on"), r"^report\.made_on: "),
        (_with({"kind": "joke"}, "report", "stamp"), r"^report\.stamp: "),
        (_with({"kind": "revision", "number": 2}, "report", "stamp"), r"^report\.stamp\.revision\.reason: "),
        (_with("A3", "report", "paper"), r"^report\.paper: "),
        (_with("much", "report", "targets", "response_rate"), r"^report\.targets\.response_rate: "),
        (_with("NaN", "report", "targets", "response_rate"), r"^report\.targets\.response_rate: "),
        (_with("%%", "report", "brand", "logo"), r"^report\.brand\.logo is not base64"),
        (_with({}, "answers"), "^answers is not a list"),
        (_with([], "answers"), "^answers: the last two entries"),
        (_with(None, "answers", 2), "^answers: the last two entries"),
        (_with(7, "answers", 1), r"^answers\[1\]\.window is missing"),
        (_with("2026-02-30", "answers", 3, "window", "first"), r"^answers\[3\]\.window\.first: "),
        (_with("Mars/Olympus", "answers", 3, "window", "timezone"), r"^answers\[3\]\.window: .*Mars/Olympus"),
        (_with("9" * 5000, "answers", 3, "window", "timezone"), r"^answers\[3\]\.window: .*File name too long"),
        (_with([], "answers", 3, "answers"), r"^answers\[3\]\.answers is not an object"),
        (_without("answers", 3, "answers", "sales", "pipeline", 0, "value"), r"^answers\[3\]\.answers: .*value"),
    ],
)
def test_damage_is_named_by_its_place(damage: Callable[[Any], None], sentence: str) -> None:
    """Whatever is missing or wrong, the error names its place."""
    damaged = copy.deepcopy(encode(report()))
    damage(damaged)
    with pytest.raises(ArchiveError, match=sentence):
        decode(damaged)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"x": NaN}', b'{"x": 1e999}'])
def test_what_is_no_json_object_is_refused(content: bytes) -> None:
    """Bytes that are not a JSON object are an ArchiveError."""
    with pytest.raises(ArchiveError, match="it is not"):
        parse(content)


def test_targets_are_decimals_again() -> None:
    """A target is read back as a Decimal, never as a binary fraction."""
    assert isinstance(decode(encode(report())).settings.targets["response_rate"], Decimal)
