"""Snapshots and report data for the analysis tests: everyday values, of which each test changes a few."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from reporter.analysis.metrics import FIGURES
from reporter.domain.report import ReportData, ReportSettings
from reporter.domain.snapshot import Organization, ResponseRate, Sales, Snapshot, Stage, Volume
from reporter.domain.window import Period, Window, last_complete

APRIL = last_complete(Period.MONTH, date(2026, 5, 1), "America/New_York")
WEEK = last_complete(Period.WEEK, date(2026, 4, 27), "America/New_York")

PIPELINE = (
    Stage("Qualified", None, 24, Decimal("52000.00")),
    Stage("Quoted", "quote_sent", 18, Decimal("41500.00")),
    Stage("Accepted", "accepted", 11, Decimal("28800.00")),
)
CHANNELS = {"textMessages": 10, "calls": 4, "emails": 20, "liveChats": 6, "formRequests": 2}


def usual(window: Window = WEEK) -> Snapshot:
    """The example in the API's documentation."""
    return Snapshot(
        window,
        response_rate=ResponseRate(20, 15, Decimal("0.75")),
        response_time=Decimal(420),
        volume=Volume(120, 96, 42),
        channels=CHANNELS,
        sales=Sales(PIPELINE, Decimal("0.46")),
    )


def busy(window: Window = WEEK) -> Snapshot:
    """Numbers large enough for a verdict: 400 conversations, 50 accepted sales."""
    return Snapshot(
        window,
        response_rate=ResponseRate(400, 280, Decimal("0.7")),
        response_time=Decimal(600),
        volume=Volume(1600, 1200, 400),
        channels=dict.fromkeys(CHANNELS, 80),
        sales=sold(200, 50, "100000.00"),
    )


def silent(window: Window = WEEK) -> Snapshot:
    """A window without any activity."""
    return Snapshot(
        window,
        response_rate=ResponseRate(0, 0, None),
        response_time=Decimal(0),
        volume=Volume(0, 0, 0),
        channels=dict.fromkeys(CHANNELS, 0),
        sales=sold(0, 0, "0.00"),
    )


def sold(qualified: int, accepted: int, value: str) -> Sales:
    """A pipeline of two stages, with the conversion rate between them."""
    stages = (
        Stage("Qualified", None, qualified, Decimal(value)),
        Stage("Accepted", "accepted", accepted, Decimal(value)),
    )
    return Sales(stages, round(Decimal(accepted) / qualified, 2) if qualified else Decimal(0))


def answered(snapshot: Snapshot, received: int, responded: int, seconds: int | None = 600) -> Snapshot:
    """The snapshot with these conversations received, conversations responded to, and seconds."""
    rate = round(Decimal(responded) / received, 2) if received else None
    return replace(
        snapshot,
        response_rate=ResponseRate(received, responded, rate),
        response_time=None if seconds is None else Decimal(seconds),
    )


def talked(snapshot: Snapshot, conversations: int, received: int = 1600, sent: int = 1200) -> Snapshot:
    """The snapshot with these conversations and messages."""
    return replace(snapshot, volume=Volume(received, sent, conversations))


def channelled(snapshot: Snapshot, channels: Mapping[str, int] | None) -> Snapshot:
    """The snapshot with these conversations by modality."""
    return replace(snapshot, channels=channels)


def staged(snapshot: Snapshot, *stages: Stage) -> Snapshot:
    """The snapshot with this pipeline."""
    return replace(snapshot, sales=Sales(stages, None))


def report(
    current: Snapshot,
    previous: Snapshot | None = None,
    *,
    history: tuple[Snapshot | None, ...] = (),
    figures: tuple[str, ...] = tuple(FIGURES),
) -> ReportData:
    """The data of a report on `current`; `previous` is the window before."""
    before = replace(previous or current, window=current.window.previous())
    settings = ReportSettings("en_US", figures)
    return ReportData(Organization("HR_id_1", "Acme Roofing"), settings, current.window.until, current, before, history)
