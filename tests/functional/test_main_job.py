"""The main job: one command, from the API on a socket to the recipient's mailbox behind TLS and a login."""

import hashlib
import html
import io
import json
import re
import subprocess
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pypdf import PdfReader

from tests.office import APRIL, CEO, CFO, FOLDER, LOGIN, Office, office, parts, words
from tests.tiers import first_is_fast
from tests.watched_api import ACME

APRIL_FOR_TWO = (*APRIL, "--to", CEO, "--to", f"Carla Finance <{CFO}>")


@pytest.fixture(scope="module", params=["starttls", pytest.param("tls", marks=pytest.mark.slow)])
def april(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Any]]:
    """April's report sent to two recipients, once for each kind of TLS, and the `--json` document about it."""
    folder = tmp_path_factory.mktemp("april")
    with office(folder, implicit_tls=request.param == "tls") as place:
        yield place, place.run("--json", *APRIL_FOR_TWO)


def test_the_document_is_the_contracts(april: tuple[Office, Any]) -> None:
    """`--json` prints one document with every field of the contract, and stderr reports no error."""
    place, done = april
    document = done.document
    reply = "250 2.0.0 Ok: queued as 1A2B"
    deliveries = [{"recipient": to, "status": "accepted", "reply": reply} for to in (CEO, CFO)]
    (report,) = document["reports"]
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(r"[0-9a-f]{32}", document.pop("run"))
    assert re.fullmatch(r"<[a-z2-7]{32}@acme\.example>", report.pop("message_id"))
    assert document == {
        "period": "month",
        "reports": [report],
        "counts": {"sent": 1, "archived": 0, "skipped": 0, "deferred": 0, "unknown": 0, "failed": 0},
        "unresolved": [],
        "exit_code": 0,
    }
    assert report == {
        "organization_id": ACME.id,
        "organization": "Acme Roofing",
        "status": "sent",
        "window": {"start": "2026-04-01T00:00:00-04:00", "end": "2026-05-01T00:00:00-04:00"},
        "previous": {"start": "2026-03-01T00:00:00-05:00", "end": "2026-04-01T00:00:00-04:00"},
        "currency": "USD",
        "locale": "en_US",
        "pdf": f"{FOLDER}/report.pdf",
        "pdf_sha256": hashlib.sha256(place.archived("report.pdf")).hexdigest(),
        "email": f"{FOLDER}/email.eml",
        "deliveries": deliveries,
        "error": None,
    }


def test_each_reader_has_one_mail_of_their_own(april: tuple[Office, Any]) -> None:
    """Each recipient has one encrypted message, byte for byte the archived one, with the right sender and recipient."""
    place, _ = april
    assert place.readers() == [CEO, CFO]
    assert all(stored.is_encrypted for stored in place.mail.stored)
    assert {stored.sender for stored in place.mail.stored} == {"reports@acme.example"}
    assert [stored.wire for stored in place.mail.stored] == [
        place.archived(name) for name in ("email.eml", "email-02.eml")
    ]
    messages = [message_from_bytes(stored.wire, policy=policy.default) for stored in place.mail.stored]
    assert [message["To"] for message in messages] == [CEO, f"Carla Finance <{CFO}>"]
    assert {message["From"] for message in messages} == {"Acme Reports <reports@acme.example>"}
    assert len({message["Message-ID"] for message in messages}) == 2


def test_the_same_figures_stand_everywhere(april: tuple[Office, Any]) -> None:
    """Every figure and headline of report.json is in the PDF and in both bodies of the email."""
    place, _ = april
    data = json.loads(place.archived("report.json"))
    text, markup, _, pdf = parts(place.mail.stored[0].wire)
    pages = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    by_poppler = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    tagless = html.unescape(re.sub(r"<[^>]*>", " ", markup))
    shown = [figure["shown"] for figure in data["figures"]]
    assert len(shown) == 8
    for said in map(words, (text, tagless, pages, by_poppler)):
        assert [figure for figure in map(words, shown) if not _stands_alone(figure, said)] == []
        assert [headline for headline in map(words, data["headlines"]) if headline not in said] == []


def _stands_alone(figure: str, said: str) -> bool:
    """Whether the figure is in the text, and not merely as a part of a longer one."""
    return re.search(rf"(?<![\w.,]){re.escape(figure)}(?!\w|[.,]\d)", said) is not None


def test_the_figures_are_the_apis(april: tuple[Office, Any]) -> None:
    """report.json keeps the API's answers for that window unchanged; the printed rate is the answer's."""
    place, _ = april
    data = json.loads(place.archived("report.json"))
    last = data["answers"][-1]
    path = f"/api/v2/organizations/{quote(ACME.id)}/analytics"
    april_in_utc = {"start_date": "2026-04-01T04:00:00Z", "end_date": "2026-05-01T04:00:00Z"}
    key = {"X-API-KEY": place.environment["HYPERREP_API_KEY"]}
    with httpx.Client(base_url=place.environment["HYPERREP_API_URL"], params=april_in_utc, headers=key) as client:
        said = {endpoint: client.get(f"{path}/{endpoint}").json() for endpoint in ("conversations", "sales")}
    assert last["answers"] == said
    rate = last["answers"]["conversations"]["responseRateStats"]["responseRate"]
    shown = {figure["key"]: figure["shown"] for figure in data["figures"]}
    assert shown["response_rate"] == f"{100 * rate:.0f}%"
    assert (last["window"]["label"], len(data["answers"])) == ("2026-04", 14)


def test_the_attachment_is_the_archived_pdf(april: tuple[Office, Any]) -> None:
    """Both recipients get the archive's PDF under a descriptive name: two pages, small."""
    place, _ = april
    for stored in place.mail.stored:
        _, _, name, pdf = parts(stored.wire)
        assert name == "Acme Roofing – April 2026.pdf"
        assert pdf == place.archived("report.pdf")
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 2
    assert len(pdf) <= 150_000


def test_the_receipt_remembers_the_servers_word(april: tuple[Office, Any]) -> None:
    """receipt.json has each message with the server's reply."""
    place, done = april
    receipt = place.receipt()
    assert (receipt["revision"], receipt["reason"]) == (1, None)
    assert [(each["recipient"], each["file"], each["status"], each["reply"]) for each in receipt["deliveries"]] == [
        (CEO, "email.eml", "accepted", "250 2.0.0 Ok: queued as 1A2B"),
        (CFO, "email-02.eml", "accepted", "250 2.0.0 Ok: queued as 1A2B"),
    ]
    assert receipt["deliveries"][0]["message_id"] == done.document["reports"][0]["message_id"]


def test_the_archive_is_whole(april: tuple[Office, Any]) -> None:
    """The archive holds exactly what the contract says, the manifest lists it all, and `verify` agrees."""
    place, _ = april
    root = place.folder / "reports"
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    edition = {"report.pdf", "report.json", "email.eml", "email-02.eml", "receipt.json"}
    expected = {"index.html", "acme-roofing/organization.json", *(f"acme-roofing/month/2026-04/{n}" for n in edition)}
    listed = json.loads((root / "manifest.json").read_bytes())["files"]
    assert {path for path in files if not path.startswith(".state/")} == expected | {"manifest.json"}
    assert listed.keys() == expected
    assert all(listed[path]["sha256"] == hashlib.sha256((root / path).read_bytes()).hexdigest() for path in listed)
    done = place.run("verify")
    assert (done.code, done.out) == (0, "reports: 7 files, 1 reports; everything is as it was archived\n")
    assert "acme-roofing/month/2026-04/report.pdf" in (root / "index.html").read_text("utf-8")


def test_no_secret_is_left_anywhere(april: tuple[Office, Any]) -> None:
    """Neither the key nor the password is in the output or in any file that the run wrote."""
    place, done = april
    told = [done.out.encode(), done.err.encode()]
    written = [path.read_bytes() for path in (place.folder / "reports").rglob("*") if path.is_file()]
    for secret in (place.environment["HYPERREP_API_KEY"], LOGIN[1]):
        assert not any(secret.encode() in content for content in (*told, *written))


def test_a_person_reads_what_became_of_it(tmp_path: Path) -> None:
    """Without --json, a few plain lines say where the report is and what the server replied; stderr stays empty."""
    with office(tmp_path) as place:
        done = place.run(*APRIL, "--to", CEO)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "Acme Roofing, month 2026-04: sent",
        f"  report  {FOLDER}/report.pdf",
        f"  email   {CEO}: accepted: 250 2.0.0 Ok: queued as 1A2B",
    ]


@pytest.mark.slow
def test_a_configuration_does_the_same(tmp_path: Path) -> None:
    """A file sets organization, recipients, and time zone; with --to, an added recipient gets the same PDF."""
    with office(tmp_path) as place:
        place.configure(
            'period = "month"\ntimezone = "America/New_York"\n'
            f'[[reports]]\norganization = "acme roofing"\nrecipients = ["{CEO}"]\nlocale = "en_GB"\n'
        )
        assert place.report()["locale"] == "en_GB"
        assert place.readers() == [CEO]
        again = place.report("--to", CFO)
        assert [delivery["recipient"] for delivery in again["deliveries"]] == [CFO]
        assert place.readers() == [CEO, CFO]
        assert parts(place.mail.stored[0].wire)[3] == parts(place.mail.stored[1].wire)[3]


def test_a_key_to_one_organization_needs_no_name(tmp_path: Path) -> None:
    """Without configuration, the key's only organization is used; without recipients, the report is only archived."""
    with office(tmp_path) as place:
        place.environment["HYPERREP_API_KEY"] = "hr_demo_key_for_acme_alone"
        done = place.run("--period", "day", "--timezone", "America/New_York", "--json")
    (report,) = done.document["reports"]
    assert (report["status"], report["email"], report["deliveries"]) == ("archived", None, [])
    assert report["pdf"] == "reports/acme-roofing/day/2026-05-03/report.pdf"
    assert "recipients.unset" in done.err


@pytest.mark.parametrize(
    "option",
    first_is_fast(["--dry-run", "--no-email", "no server"]),
)
def test_nothing_is_mailed(option: str, tmp_path: Path) -> None:
    """`--no-email` writes no email; `--dry-run`, or no server, leaves it beside the report. No server is contacted.

    The same command without the option then sends it.
    """
    with office(tmp_path) as place:
        if option == "no server":
            settings = {name: value for name, value in place.environment.items() if name.startswith("HYPERREP_SMTP_")}
            for name in settings:
                del place.environment[name]
            without = place.report(*APRIL, "--to", CEO)
            place.environment |= settings
        else:
            without = place.report(*APRIL, "--to", CEO, option)
        assert place.mail.connections == 0
        assert without["status"] == "archived"
        assert (tmp_path / FOLDER / "email.eml").exists() is (option != "--no-email")
        assert [delivery["status"] for delivery in without["deliveries"]] == ["outbox"] * (option != "--no-email")
        sent = place.report(*APRIL, "--to", CEO)
        assert (sent["status"], place.readers()) == ("sent", [CEO])
        assert sent["pdf_sha256"] == without["pdf_sha256"]
        assert place.mail.stored[0].wire == place.archived("email.eml")
