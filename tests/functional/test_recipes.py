"""The recipes of CONTRIBUTING, carried out on a copy of the source: each gives a report of the demonstration data."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po, write_po
from pypdf import PdfReader

from tests.office import PROJECT, bare_environment, words

pytestmark = pytest.mark.slow

ACME = ("--org", "Acme Roofing")

FIGURE = """\
    Metric(
        key="unanswered",
        unit=Unit.COUNT,
        better=Better.LOWER,
        block=Block.RESPONSE_RATE,
        field=lambda snapshot: snapshot.response_rate.unanswered if snapshot.response_rate else None,
        sample=lambda snapshot: snapshot.response_rate.unanswered if snapshot.response_rate else None,
        weight=Decimal("0.3"),
        name=mark("Unanswered conversations"),
        definition=mark("Conversations that nobody has answered yet."),
        rose=mark("Unanswered conversations rose from %(before)s to %(value)s."),
        fell=mark("Unanswered conversations fell from %(before)s to %(value)s."),
        steady=mark("Unanswered conversations came to %(value)s, after %(before)s."),
        unchanged=mark("Unanswered conversations stayed at %(value)s."),
        appeared=mark("Unanswered conversations: %(value)s, after none in the previous period."),
        optional=True,
    ),
"""
SNAPSHOT_FIELD = "    unanswered: int | None = None\n"
ANSWER_FIELD = '    unanswered: Count | None = Field(None, alias="numConversationsUnanswered")\n'
SANDBOX_FIELD = '        "numConversationsUnanswered": len(received) - responded,\n'

SOURCE = '''
"""A source whose organization has the same numbers in every window."""

from datetime import datetime

from reporter.domain.snapshot import Block, Organization, Snapshot, endpoints
from reporter.domain.window import Window
from reporter.hyperrep.responses import parse_snapshot

RATE = {"numConversationsReceived": 20, "numConversationsRespondedTo": 15, "responseRate": 0.75}
ANSWERS = {
    "conversations/response-rate": RATE,
    "sales": {"pipeline": [{"name": "Accepted", "volume": 3, "value": "99.00"}], "salesRate": 0.6},
}


class EvenSource:
    async def organizations(self) -> tuple[Organization, ...]:
        return (Organization("even", "Even & Sons"),)

    async def snapshot(self, organization: Organization, window: Window, blocks: frozenset[Block]) -> Snapshot:
        return parse_snapshot(window, {path: ANSWERS[path] for path in endpoints(blocks)})

    async def currencies(self, organization: Organization, start: datetime, end: datetime) -> frozenset[str]:
        return frozenset({"EUR"})
'''
SOURCE_CHOICE = """\
    if is_demo:
        from reporter.even.source import EvenSource

        return nullcontext(EvenSource())
"""

CHANNEL = '''
"""A channel that writes each email to a folder, from which another program takes it."""

from collections.abc import Callable
from pathlib import Path

from reporter.delivery.channel import DeliveryStatus, Email, SendResult


class SpoolChannel:
    def send(self, message: Email, on_commit: Callable[[], None]) -> SendResult:
        on_commit()
        Path(f"{message.recipient}.spooled").write_bytes(message.wire)
        return SendResult(DeliveryStatus.ACCEPTED, "spooled")

    def close(self) -> None:
        pass
'''
CHANNEL_CHOICE = """\
    if is_demo:
        from reporter.delivery.spool import SpoolChannel

        return SenderSettings(SpoolChannel(), OUTBOX_SENDER)
"""
PERIOD = """\
    HALF_YEAR = PeriodCalendar(
        name="half-year",
        first=_first_of_months(6),
        longest=184,
        label=lambda window: f"{window.first.year}-H{(window.first.month + 5) // 6}",
        due_on="day",
        cron="{day} 1,7 *",
        systemd="*-01,07-{day:02}",
        words="on day {day} of January and July",
    )
"""
PERIOD_TITLE = '    Period.HALF_YEAR: mark("Half-yearly report"),\n'
PERIOD_COUNT = '    Period.HALF_YEAR: mark_plural("%(count)s half-year", "%(count)s half-years"),\n'


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a demonstration run printed, the `report.json` of its report, and the text of the report's PDF."""

    outcome: Any
    report: Any
    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the source, in which recipes change files and programs run."""

    root: Path

    def write(self, path: str, text: str) -> None:
        """Write a new file, and make its folder a package."""
        file = self.root / path
        file.parent.mkdir(exist_ok=True)
        file.with_name("__init__.py").touch()
        file.write_text(text, "utf-8")

    def insert(self, path: str, before: str, text: str) -> None:
        """Insert a text into a file, before another that occurs once."""
        file = self.root / path
        written = file.read_text("utf-8")
        assert written.count(before) == 1, f"{path} has {written.count(before)} times: {before}"
        file.write_text(written.replace(before, text + before), "utf-8")

    def run(self, *arguments: str) -> str:
        """Run Python in the copy, and return what it prints."""
        environment = {**bare_environment(), "PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=self.root, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def configured(self, text: str) -> str:
        """Write a configuration, and return its path."""
        file = self.root / "hyperrep-report.toml"
        file.write_text(text, "utf-8")
        return str(file)

    def demo(self, *options: str) -> Rendered:
        """Render a report of the demonstration data; its PDF has two pages at most."""
        outcome = json.loads(self.run("-m", "reporter", "--demo", "--json", *options))["reports"][0]
        pdf = self.root / outcome["pdf"]
        pages = PdfReader(pdf).pages
        assert len(pages) <= 2
        report = json.loads(pdf.with_name("report.json").read_bytes())
        return Rendered(outcome, report, words(" ".join(page.extract_text() for page in pages)))


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    """A copy of what the program and its scripts consist of."""
    root = tmp_path / "copy"
    for folder in ("reporter", "templates", "scripts", "docs"):
        shutil.copytree(PROJECT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    yield Copy(root)
    shutil.rmtree(root)


def test_a_metric(copy: Copy) -> None:
    """A metric is one record and its field in the API's answer; its figure is on page 1 where `figures` names it."""
    copy.insert("reporter/analysis/metrics.py", ")\n\n\ndef figures_of(", FIGURE)
    copy.insert("reporter/domain/snapshot.py", "\n\n@dataclass(frozen=True, slots=True)\nclass Volume:", SNAPSHOT_FIELD)
    copy.insert("reporter/hyperrep/responses.py", "\n\nclass ResponseTimeAnswer(", ANSWER_FIELD)
    copy.insert("reporter/sandbox/analytics.py", '        "responseRate": ', SANDBOX_FIELD)
    copy.run("scripts/catalogs.py")
    shown = copy.demo("--config", copy.configured('figures = ["unanswered", "response_rate"]'), *ACME)
    figures = {figure["key"]: figure for figure in shown.report["figures"]}
    assert list(figures) == ["unanswered", "response_rate"]
    assert figures["unanswered"]["value"] == figures["unanswered"]["shown"]
    assert "Unanswered conversations: Conversations that nobody has answered yet." in shown.text


def test_a_locale(copy: Copy) -> None:
    """A locale is one catalog, which the script fills with the texts to translate."""
    catalog = copy.root / "reporter" / "rendering" / "locale" / "da.po"
    catalog.touch()
    copy.run("scripts/catalogs.py")
    with catalog.open("rb") as file:
        translated = read_po(file, locale="da")
    for message in translated:
        if message.id:
            message.string = [f"ø{text}" for text in message.id] if message.pluralizable else f"ø{message.id}"
    with catalog.open("wb") as file:
        write_po(file, translated)
    shown = copy.demo("--locale", "da_DK", *ACME)
    assert shown.report["report"]["locale"] == "da_DK"
    assert "øResponse rate" in shown.text
    assert all(line.startswith("ø") for line in shown.report["headlines"])


def test_a_source(copy: Copy) -> None:
    """A source is one folder whose class has the three methods of the protocol, and its line where commands start."""
    copy.write("reporter/even/source.py", SOURCE)
    copy.insert("reporter/cli/setup.py", "    if is_demo:\n        from reporter.sandbox.source", SOURCE_CHOICE)
    file = copy.configured('figures = ["response_rate", "accepted_sales"]\nsections = ["pipeline"]')
    shown = copy.demo("--config", file)
    assert shown.outcome["organization"] == "Even & Sons"
    assert [figure["shown"] for figure in shown.report["figures"]] == ["75%", "3", "€99"]
    assert "15 of 20 answered" in shown.text
    copy.run("-m", "reporter", "verify", "--output", "reports")


def test_a_channel(copy: Copy) -> None:
    """A channel is one file with the two methods of the protocol, and its line where commands choose how to send."""
    copy.write("reporter/delivery/spool.py", CHANNEL)
    copy.insert("reporter/cli/running.py", "    if config.smtp is None or is_demo:\n", CHANNEL_CHOICE)
    shown = copy.demo(*ACME)
    (delivery,) = shown.outcome["deliveries"]
    assert (shown.outcome["status"], delivery["status"], delivery["reply"]) == ("sent", "accepted", "spooled")
    email = copy.root / shown.outcome["email"]
    assert (copy.root / f"{delivery['recipient']}.spooled").read_bytes() == email.read_bytes()


def test_a_period(copy: Copy) -> None:
    """A period is one entry of the calendar, and the words of its title and of its line."""
    copy.insert("reporter/domain/window.py", "    YEAR = PeriodCalendar(", PERIOD)
    copy.insert("reporter/rendering/build_view.py", "    Period.YEAR: ", PERIOD_TITLE)
    copy.insert("reporter/rendering/figures.py", "    Period.YEAR: ", PERIOD_COUNT)
    copy.run("scripts/catalogs.py")
    shown = copy.demo("--period", "half-year", *ACME)
    assert shown.outcome["pdf"].endswith("/half-year/2025-H2/report.pdf")
    assert "Half-yearly report" in shown.text
    assert "half-years: " in shown.text
    assert "0 7 1 1,7 *" in copy.run("-m", "reporter", "schedule", "cron", "--period", "half-year")
