"""The command against the mail server that many operators run: Postfix, with Dovecot for logins and mailboxes."""

import hashlib
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest

from tests.office import APRIL, Office, office, parts
from tests.postfix import PASSWORD, Postfix
from tests.postfix_settings import SMALL

pytestmark = pytest.mark.slow

NAMES = ("Jürgen Größe", "株式会社 山田", "مدير المبيعات", "Ann 📈 Smith, CEO")


@pytest.fixture
def place(tmp_path: Path, postfix: Postfix) -> Iterator[Office]:
    """An operator's setup that sends its emails through Postfix."""
    with office(tmp_path) as place:
        place.environment |= postfix.settings()
        yield place


@pytest.fixture
def reader() -> str:
    """A recipient that no other test uses."""
    return f"{uuid4().hex}@acme.example"


def shape(part: EmailMessage) -> object:
    """The tree of a message's parts, by content type."""
    kind = part.get_content_type()
    return (kind, *map(shape, part.iter_parts())) if part.is_multipart() else kind  # type: ignore[arg-type]


def read(wire: bytes) -> EmailMessage:
    """The message as a mail program parses it."""
    message = message_from_bytes(wire, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize(("door", "mechanism"), [("starttls", "PLAIN"), ("tls", "PLAIN"), ("login", "LOGIN")])
def test_a_report_arrives_whole(door: str, mechanism: str, place: Office, postfix: Postfix, reader: str) -> None:
    """With STARTTLS and implicit TLS, and by either login, the mailbox gets the archived message, once."""
    place.environment |= postfix.settings(door)
    report = place.report(*APRIL, "--to", f"Chief <{reader}>")
    (delivery,) = report["deliveries"]
    assert (delivery["status"], delivery["recipient"]) == ("accepted", reader)
    queue_id = re.fullmatch(r"250 2\.0\.0 Ok: queued as (\w+)", delivery["reply"])
    assert queue_id
    assert f"{queue_id[1]}: client=unknown[127.0.0.1], sasl_method={mechanism}" in postfix.log
    (wire,) = postfix.mails(reader)
    assert wire.endswith(b"\r\n" + place.archived("email.eml"))
    _, _, _, pdf = parts(wire)
    assert pdf == place.archived("report.pdf")
    assert hashlib.sha256(pdf).hexdigest() == report["pdf_sha256"]
    _assert_whole(read(wire), f"Chief <{reader}>", report["message_id"])
    (received,) = [line for line in read(wire).get_all("Received", []) if "ESMTPSA" in line]
    assert re.search(r"using TLSv1\.[23] with", received)


def _assert_whole(message: EmailMessage, reader: str, identity: str) -> None:
    """Text beside HTML, then the PDF; identifying headers appear once, unchanged; no part is defective."""
    alternative = ("multipart/alternative", "text/plain", "text/html")
    assert shape(message) == ("multipart/mixed", alternative, "application/pdf")
    assert [part.defects for part in message.walk()] == [[]] * 5
    once = ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Auto-Submitted")
    assert [len(message.get_all(name, [])) for name in once] == [1] * len(once)
    assert (message["Return-Path"], message["To"]) == ("<reports@acme.example>", reader)
    assert (message["Message-ID"], message["Bcc"]) == (identity, None)


def test_names_of_every_script_arrive_on_one_connection(place: Office, postfix: Postfix) -> None:
    """Names and domains beyond ASCII arrive without SMTPUTF8, one email per recipient, after one login."""
    readers = {uuid4().hex: name for name in NAMES}
    addressed = [f'"{name}" <{local}@bücher.example>' for local, name in readers.items()]
    earlier = postfix.visits()
    report = place.report(*APRIL, *(part for to in addressed for part in ("--to", to)))
    assert [delivery["status"] for delivery in report["deliveries"]] == ["accepted"] * len(NAMES)
    visit = postfix.visit_after(earlier)
    assert [visit[name] for name in ("auth", "mail", "rcpt", "data")] == ["1", *[str(len(NAMES))] * 3]
    for local, name in readers.items():
        (wire,) = postfix.mails(f"{local}@xn--bcher-kva.example")
        (address,) = read(wire)["To"].addresses
        assert (address.display_name, address.username) == (name, local)


def test_a_wrong_password_stops_the_run(place: Office, postfix: Postfix, reader: str) -> None:
    """After one refusal there is no retry, the fix is named, no email is sent, and the password is not shown."""
    wrong, earlier = "hush-hush-passw0rd", postfix.visits()
    done = place.run("--json", *APRIL, "--to", reader, "--to", f"x{reader}", HYPERREP_SMTP_PASSWORD=wrong)
    (report,) = done.document["reports"]
    first, second = report["deliveries"]
    assert "535 5.7.8" in first["reply"]
    assert "check HYPERREP_SMTP_USERNAME and HYPERREP_SMTP_PASSWORD" in first["reply"]
    assert second["reply"].startswith("not sent, as no email can be")
    assert (done.code, report["status"]) == (1, "failed")
    assert postfix.visit_after(earlier)["auth"] == "0/1"
    assert postfix.mails(reader) == postfix.mails(f"x{reader}") == []
    assert wrong not in done.out + done.err
    mended = place.report(*APRIL, "--to", reader, "--to", f"x{reader}")
    assert [delivery["status"] for delivery in mended["deliveries"]] == ["accepted"] * 2


def test_a_message_too_large_is_not_begun(place: Office, postfix: Postfix, reader: str) -> None:
    """A message above the server's limit fails before any of it is sent, and the error has both sizes."""
    place.environment |= postfix.settings("small")
    earlier = postfix.visits()
    (delivery,) = place.report(*APRIL, "--to", reader, code=1)["deliveries"]
    size = len(place.archived("email.eml"))
    assert delivery["status"] == "failed"
    assert f"the message has {size} bytes and the mail server takes at most {SMALL}" in delivery["reply"]
    assert not {"mail", "rcpt", "data"} & postfix.visit_after(earlier).keys()
    assert postfix.mails(reader) == []


def test_tls_older_than_1_2_is_refused(place: Office, postfix: Postfix, reader: str) -> None:
    """A server that supports only TLS 1.1 or older receives nothing, not even the user name."""
    place.environment |= postfix.settings("old")
    earlier = postfix.visits()
    (delivery,) = place.run("--json", *APRIL, "--to", reader).document["reports"][0]["deliveries"]
    assert delivery["status"] in {"deferred", "failed"}
    assert "the start of TLS" in delivery["reply"]
    assert "auth" not in postfix.visit_after(earlier)
    assert postfix.mails(reader) == []
    assert PASSWORD not in delivery["reply"]


def test_the_doctor_sees_what_postfix_offers(place: Office, postfix: Postfix) -> None:
    """Before anything is sent, `doctor` logs in and reports the TLS version and the size limit."""
    earlier = postfix.visits()
    done = place.run("doctor")
    assert "TLSv1.3" in done.out
    assert re.search(r"2[56](\.\d)? M", done.out)
    visit = postfix.visit_after(earlier)
    assert visit["auth"] == "1"
    assert not {"mail", "data"} & visit.keys()
