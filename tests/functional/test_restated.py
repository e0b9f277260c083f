"""Week after week: known figures are not requested again, and restated figures are reported."""

import io
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.office import CEO, NOW, Office, office, parts, words

pytestmark = pytest.mark.slow

WEEKLY = (
    "--period",
    "week",
    "--week-start",
    "monday",
    "--org",
    "Acme Roofing",
    "--timezone",
    "America/New_York",
    "--to",
    CEO,
)
SOON = NOW.replace(hour=4, minute=5)
"""Five minutes into Monday, before all answers to Sunday's questions have arrived."""
LATER = NOW + timedelta(days=7)
FIRST, SECOND = ("reports/acme-roofing/week/" + label for label in ("2026-W18", "2026-W19"))


def be_at(moment: datetime, place: Office) -> None:
    """Set the clocks of the API and of the operator's machine."""
    place.api.now = moment
    place.environment["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))


def test_the_next_week_asks_for_two_windows_and_tells_what_was_restated(tmp_path: Path) -> None:
    """Twelve windows come from the archive; figures restated by Sunday's late answers are in PDF, email, and data."""
    with office(tmp_path) as place:
        be_at(SOON, place)
        place.report(*WEEKLY)
        place.api.asked.clear()
        be_at(LATER, place)
        place.report(*WEEKLY)
        asked = Counter(request.endpoint for request in place.api.asked if request.endpoint.startswith("analytics/"))
        data = json.loads(place.archived("report.json", SECOND))
        text, html, _, pdf = parts(place.mail.stored[-1].wire)
        verified = place.run("verify")
    assert asked == {"analytics/conversations": 2, "analytics/sales": 2}
    assert len(data["answers"]) == 14
    before = data["reported"][0]["answers"]["conversations"]["responseRateStats"]
    now = data["answers"][-2]["answers"]["conversations"]["responseRateStats"]
    assert before["numConversationsRespondedTo"] < now["numConversationsRespondedTo"]
    told = f"reported as {before['responseRate']:.0%}, now {now['responseRate']:.0%}"
    page = "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages)
    for said in (text, html, page):
        assert told in words(said)
    assert verified.code == 0


def test_a_revision_tells_what_its_readers_had_been_told(tmp_path: Path) -> None:
    """Forced a week later, the same report shows what it had previously reported."""
    with office(tmp_path) as place:
        be_at(SOON, place)
        place.report(*WEEKLY)
        be_at(LATER, place)
        place.report(*WEEKLY, "--as-of", "2026-05-04", "--force", "late answers")
        data = json.loads(place.archived("report.json", FIRST))
        text, *_ = parts(place.mail.stored[-1].wire)
    assert data["reported"][0]["window"]["label"] == data["report"]["window"]["label"]
    assert "reported as" in words(text)
