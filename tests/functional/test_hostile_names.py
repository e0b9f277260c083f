"""Organization names that look like headers or contain line ends remain names."""

import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.office import CEO, CHEAP, office, parts
from tests.watched_api import WORLD, Instead, Request

pytestmark = pytest.mark.slow

LINE_ENDS = ("\r\n", "\r", "\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\0")
NAMES = ("Honest & Sons", *(f"Acme{end}Bcc: evil@evil.example{end}{end}.{end}MAIL FROM:<x>" for end in LINE_ENDS))
HEADERS = {
    "Auto-Submitted",
    "Content-Language",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Subject",
    "To",
    "X-Auto-Response-Suppress",
}


def listed(request: Request) -> Instead | None:
    """The sandbox's organizations under these names."""
    if request.organization:
        return None
    pairs = zip(WORLD.organizations, NAMES, strict=False)
    data = [{"organization_id": whose.id, "name": name} for whose, name in pairs]
    return Instead(200, json.dumps({"data": data}).encode(), ((b"content-type", b"application/json"),))


def test_a_name_with_line_ends_adds_no_header_and_holds_nobody_up(tmp_path: Path) -> None:
    """Each organization's email goes to its recipient alone, with the usual headers, and the name on one line."""
    with office(tmp_path) as place:
        place.configure(CHEAP)
        place.api.instead = listed
        done = place.run("--json", "--all-orgs", "--period", "month", "--to", CEO)
        stored = place.mail.stored
        assert place.run("verify").code == 0
    assert (done.code, len(stored)) == (0, len(NAMES)), done
    assert {each.recipients for each in stored} == {(CEO,)}
    for wire in (each.wire for each in stored):
        message = message_from_bytes(wire, policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert set(message.keys()) == HEADERS
        assert len(message.keys()) == len(HEADERS)
        assert message["To"] == CEO
        _, _, filename, _ = parts(wire)
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", message["Subject"] + filename)
