"""`doctor --send-test`: a real report is sent to an operator, and no recipient's report counts as sent."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.office import APRIL, CEO, Office, editions, office, parts, words
from tests.smtp_server import HANG_UP

OPERATOR = "operator@acme.example"
MONTHLY = """
timezone = "America/New_York"
period = "month"
allowed_domains = ["acme.example"]
[[reports]]
organization = "Acme Roofing"
recipients = ["ceo@acme.example"]
[[reports]]
organization = "Corner Bakery"
recipients = ["ceo@acme.example"]
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    """An operator with two reports, whose emails may go to one domain."""
    with office(tmp_path) as place:
        place.configure(MONTHLY)
        yield place


def finding(place: Office, *options: str, code: int = 0) -> dict[str, str]:
    """The finding of `doctor --send-test` that ends with this exit code."""
    done = place.run("doctor", "--json", "--send-test", *options)
    assert (done.code, done.document["exit_code"]) == (code, code), done
    told: dict[str, str] = done.document["findings"][-1]
    assert told["check"] == "test mail"
    return told


@pytest.mark.slow
def test_a_test_is_a_report_of_its_own(place: Office) -> None:
    """The test send is the latest report, marked as a test, archived and recorded separately from every other email."""
    told = finding(place, OPERATOR)
    (stored,) = place.mail.stored
    assert stored.recipients == (OPERATOR,)
    text, html, _filename, pdf = parts(stored.wire)
    subject = str(message_from_bytes(stored.wire, policy=policy.default)["Subject"])
    assert subject.startswith("Test: Acme Roofing, April 2026")
    assert "not meant for its readers" in words(text)
    assert "not meant for its readers" in html
    assert pdf.startswith(b"%PDF-")
    assert "250 2.0.0 Ok" in told["text"]
    kept = place.folder / "reports" / ".state" / "tests" / "1" / "email.eml"
    assert kept.read_bytes() == stored.wire
    assert editions(place.folder / "reports") == []

    finding(place, OPERATOR, "--org", "Corner Bakery")
    place.report(*APRIL, "--to", OPERATOR)
    ids = [str(message_from_bytes(each.wire)["Message-ID"]) for each in place.mail.stored]
    assert len(set(ids)) == 3, "a test is no report, and no other test"
    assert place.run("verify").code == 0
    rows = place.run("history", "--json").document["deliveries"]
    told_apart = {(row["purpose"], row["organization"], row["revision"]): row["message_id"] for row in reversed(rows)}
    assert list(told_apart) == [
        ("test", "Acme Roofing", 1),
        ("test", "Corner Bakery", 2),
        ("report", "Acme Roofing", 1),
    ]
    assert list(told_apart.values()) == ids
    assert "month 2026-04 r2 (test)" in place.run("history").out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("550 5.7.1 not from you", 1, "cannot be delivered"),
        ("451 4.7.1 come back later", 75, "not accept it yet"),
        (HANG_UP, 4, "delivery is uncertain"),
    ],
)
def test_what_becomes_of_a_test(place: Office, fault: str, code: int, said: str) -> None:
    """The exit code reports the outcome of the test send, which leaves nothing to resolve for later runs."""
    place.mail.faults["DOT"] = [fault]
    assert said in finding(place, OPERATOR, code=code)["text"]
    assert place.run(*APRIL, "--to", OPERATOR).code == 0
    assert place.readers()[-1] == OPERATOR


@pytest.mark.slow
def test_a_test_goes_where_mail_may_go(place: Office) -> None:
    """A test send goes only to allowed domains or to a configured operator."""
    told = finding(place, "me@elsewhere.example", code=2)
    assert "allowed_domains" in " ".join(told["mend"])
    assert place.mail.stored == []
    assert not (place.folder / "reports" / ".state" / "tests").exists()
    place.configure(f'{MONTHLY}[ops]\nrecipients = ["Me <Me@elsewhere.example>"]\n')
    finding(place, "Me@ELSEWHERE.example")
    assert [each.casefold() for each in place.readers()] == ["me@elsewhere.example"]


@pytest.mark.slow
def test_a_test_that_cannot_be_sent(place: Office) -> None:
    """Without a mail server, or with a configuration error, nothing is sent, and the fix is reported."""
    assert "HYPERREP_SMTP_HOST" in _mend(place, HYPERREP_SMTP_HOST="", HYPERREP_SMTP_FROM="")
    assert "locale" in _mend(place, text=f'locale = "xx"\n{MONTHLY}')
    assert place.mail.stored == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [("--send-test", "nobody"), ("--send-test", CEO, "--demo"), ("--org", "Acme Roofing")],
    ids=["no address", "a demo", "no test"],
)
def test_contradictions(place: Office, options: tuple[str, ...]) -> None:
    """Conflicting options are reported before any check runs."""
    done = place.run("doctor", *options)
    assert (done.code, done.out) == (2, "")
    assert (place.api.asked, place.mail.connections) == ([], 0)


def _mend(place: Office, text: str = MONTHLY, **environment: str) -> str:
    place.configure(text)
    kept = {name: value for name, value in place.environment.items() if "SMTP" not in name or not environment}
    place.environment.clear()
    place.environment.update({**kept, **environment})
    return " ".join(finding(place, OPERATOR, code=2)["mend"])
