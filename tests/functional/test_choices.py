"""What an operator can choose: window, language, currency, template, and the blocks shown."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.office import APRIL, CEO, FOLDER, PROJECT, Office, office, parts, words

NEW_YORK = ("--org", "Acme Roofing", "--timezone", "America/New_York", "--no-email")


def pages(place: Office, report: Any) -> str:
    """The text of a report's PDF."""
    return words(" ".join(page.extract_text() for page in PdfReader(place.folder / report["pdf"]).pages))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "folder", "window", "previous"),
    [
        ("--period day", "day/2026-05-03", "2026-05-03 2026-05-04", "2026-05-02 2026-05-03"),
        ("", "week/2026-04-26", "2026-04-26 2026-05-03", "2026-04-19 2026-04-26"),
        ("--week-start monday", "week/2026-W18", "2026-04-27 2026-05-04", "2026-04-20 2026-04-27"),
        ("--week-start saturday", "week/2026-04-25", "2026-04-25 2026-05-02", "2026-04-18 2026-04-25"),
        ("--locale de_DE", "week/2026-W18", "2026-04-27 2026-05-04", "2026-04-20 2026-04-27"),
        ("--period quarter", "quarter/2026-Q1", "2026-01-01 2026-04-01", "2025-10-01 2026-01-01"),
        ("--period year", "year/2025", "2025-01-01 2026-01-01", "2024-01-01 2025-01-01"),
        ("--period month --as-of 2026-01-01", "month/2025-12", "2025-12-01 2026-01-01", "2025-11-01 2025-12-01"),
        (
            "--from 2026-04-03 --until 2026-04-17",
            "custom/2026-04-03--2026-04-17",
            "2026-04-03 2026-04-17",
            "2026-03-20 2026-04-03",
        ),
        (
            "--period day --timezone Pacific/Kiritimati",
            "day/2026-05-04",
            "2026-05-04 2026-05-05",
            "2026-05-03 2026-05-04",
        ),
    ],
)
def test_the_window_is_the_one_asked_for(options: str, folder: str, window: str, previous: str, tmp_path: Path) -> None:
    """Each kind of window: its folder, its local midnights, and the window it is compared with."""
    with office(tmp_path) as place:
        report = place.report(*NEW_YORK, *options.split())
        verified = place.run("verify")
    assert report["pdf"] == f"reports/acme-roofing/{folder}/report.pdf"
    for key, dates in (("window", window), ("previous", previous)):
        ends = (report[key]["start"], report[key]["end"])
        assert " ".join(end.removesuffix(end[10:]) for end in ends) == dates
        assert all(end[10:19] == "T00:00:00" for end in ends)
    assert verified.code == 0


@pytest.mark.slow
def test_a_window_that_is_not_over_says_so(tmp_path: Path) -> None:
    """With --allow-partial, May is reported so far and labeled so, beside the same days of April."""
    with office(tmp_path) as place:
        report = place.report(*NEW_YORK, "--period", "month", "--allow-partial")
        assert "so far" in pages(place, report)
    assert report["pdf"].endswith("/month/2026-05-so-far-2026-05-03/report.pdf")
    assert (report["window"]["end"], report["previous"]["end"]) == (
        "2026-05-04T00:00:00-04:00",
        "2026-04-04T00:00:00-04:00",
    )


@pytest.mark.parametrize(
    ("locale", "month", "rate"),
    [
        pytest.param("en_US", "April 2026", "Response rate", marks=pytest.mark.slow),
        pytest.param("en_GB", "April 2026", "Response rate", marks=pytest.mark.slow),
        ("de_DE", "April 2026", "Antwortquote"),
        pytest.param("fr_FR", "Avril 2026", "Taux de réponse", marks=pytest.mark.slow),
    ],
)
def test_the_report_is_in_the_readers_language(locale: str, month: str, rate: str, tmp_path: Path) -> None:
    """In each language, the PDF, the email, and the attachment's name have the month and the figures."""
    with office(tmp_path) as place:
        report = place.report(*APRIL, "--to", CEO, "--locale", locale)
        text, markup, name, pdf = parts(place.mail.stored[0].wire)
        document = PdfReader(io.BytesIO(pdf))
        said = pages(place, report)
    assert report["locale"] == locale
    assert name == f"Acme Roofing – {month}.pdf"
    assert f'lang="{locale.replace("_", "-")}"' in markup
    for place_of_words in (said, words(text), words(markup)):
        assert month in place_of_words
        assert rate in place_of_words
    assert len(document.pages) == 2
    data = json.loads((tmp_path / FOLDER / "report.json").read_bytes())
    assert data["figures"][0]["name"] == rate


@pytest.mark.slow
@pytest.mark.parametrize(
    ("organization", "options", "currency", "source"),
    [
        ("Acme Roofing", "", "USD", "sales-records"),
        ("Acme Roofing", "--currency EUR", "EUR", "option"),
        ("Border Trading Co.", "", None, "mixed-records"),
        ("Border Trading Co.", "--currency CAD", "CAD", "option"),
        ("Not Yet Open GmbH", "", None, "no-records"),
        ("Tokyo Reform 東京リフォーム", "", "JPY", "sales-records"),
    ],
)
def test_no_currency_is_made_up(
    organization: str, options: str, currency: str | None, source: str, tmp_path: Path
) -> None:
    """The currency is the option's, else the one in all sales records, else none; its source is stored."""
    with office(tmp_path) as place:
        report = place.report("--org", organization, "--period", "month", "--no-email", *options.split())
        kept = json.loads((tmp_path / report["pdf"]).with_name("report.json").read_bytes())["report"]
        records = [request for request in place.api.asked if request.endpoint == "sales"]
    assert report["currency"] == currency
    assert (kept["currency"], kept["currency_source"]) == (currency, source)
    assert bool(records) is not bool(options)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("figures", "sections", "asked"),
    [
        ('"response_rate"', "", {"analytics/conversations/response-rate"}),
        ('"response_time"', "", {"analytics/conversations/response-time"}),
        ('"messages"', "", {"analytics/conversations/volume"}),
        ('"response_rate"', '"channels"', {"analytics/conversations", "analytics/conversations/response-rate"}),
        ('"sales_rate"', "", {"analytics/sales", "sales"}),
    ],
)
def test_only_what_is_shown_is_asked(figures: str, sections: str, asked: set[str], tmp_path: Path) -> None:
    """A report of one block requests that block's endpoint, not the combined one; its PDF shows only that figure."""
    with office(tmp_path) as place:
        place.configure(f"figures = [{figures}]\nsections = [{sections}]\n")
        report = place.report(*NEW_YORK, "--period", "month")
        shown = json.loads(place.archived("report.json"))["figures"]
        assert place.api.endpoints() == asked
        assert ("Channels" in pages(place, report)) is ("channels" in sections)
    assert {figure["key"] for figure in shown} <= {*figures.strip('"').split(), "messages_received", "messages_sent"}


@pytest.mark.slow
def test_a_copy_of_the_look_can_be_changed(tmp_path: Path) -> None:
    """A changed copy of a template makes the PDF and both bodies of the email, and can be verified."""
    shutil.copytree(PROJECT / "templates" / "executive", tmp_path / "look")
    for name in ("report.html.j2", "email.html.j2", "email.txt.j2"):
        path = tmp_path / "look" / name
        path.write_text(
            path.read_text("utf-8").replace("{{ view.organization }}", "{{ view.organization }} & Daughters")
        )
    with office(tmp_path, starts_programs=True) as place:
        report = place.report(*APRIL, "--to", CEO, "--template", "look")
        text, markup, _, _ = parts(place.mail.stored[0].wire)
        assert "Acme Roofing & Daughters" in words(text)
        assert "Acme Roofing &amp; Daughters" in words(markup)
        assert "Acme Roofing & Daughters" in pages(place, report)
        assert place.run("verify").code == 0


@pytest.mark.slow
def test_a_fault_in_a_template_is_told_by_file_and_line(tmp_path: Path) -> None:
    """An unknown name in a template stops the report before any email; the sentence has the file, line, and name."""
    shutil.copytree(PROJECT / "templates" / "executive", tmp_path / "look")
    with (tmp_path / "look" / "email.txt.j2").open("a") as file:
        file.write("{{ view.conversations }}\n")
    with office(tmp_path, starts_programs=True) as place:
        report = place.report(*APRIL, "--to", CEO, "--template", "look", code=1)
        assert place.mail.connections == 0
    lines = (tmp_path / "look" / "email.txt.j2").read_text("utf-8").count("\n")
    assert report["status"] == "failed"
    assert f"look/email.txt.j2, line {lines}: " in report["error"]
    assert "conversations" in report["error"]
