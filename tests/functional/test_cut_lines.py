"""The connection to the mail server is cut at every critical moment, for the test server and for Postfix."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cut import DATA, DOT, Cut, Deed, Gate, cut_line
from tests.daemons import wait_until
from tests.office import APRIL, CHEAP, NOW, Office, held_ledger, kill, office, states
from tests.postfix import Postfix

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Front:
    """The operator's setup with a connection to a server, and the messages that one recipient has on it."""

    place: Office
    cut: Cut
    reader: str
    mails: Callable[[], list[bytes]]

    @property
    def command(self) -> tuple[str, ...]:
        """April's report to the recipient."""
        return (*APRIL, "--to", self.reader)

    @property
    def states(self) -> list[str]:
        """The states in the ledger, as any process can read them now."""
        return states(self.place.folder / "reports")


@pytest.fixture(params=["aiosmtpd", "postfix"])
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    """Each promise is tested against both servers."""
    reader = f"{uuid4().hex}@acme.example"
    with office(tmp_path) as place:
        place.configure(CHEAP)
        port = place.mail.port

        def mails() -> list[bytes]:
            return [stored.wire for stored in place.mail.stored]

        if request.param == "postfix":
            postfix: Postfix = request.getfixturevalue("postfix")
            place.environment |= postfix.settings()
            port = postfix.ports["starttls"]

            def mails() -> list[bytes]:
                return postfix.mails(reader)

        with cut_line(port) as cut:
            place.environment["HYPERREP_SMTP_PORT"] = str(cut.port)
            yield Front(place, cut, reader, mails)


def test_taken_without_an_answer(front: Front) -> None:
    """The connection is cut before the server can confirm: unknown, and no later run sends the email."""
    front.cut.at[DOT] = lambda: Deed.KEEP_ANSWER
    statuses = [front.place.report(*front.command, code=4)["status"] for _ in range(2)]
    assert (statuses, front.cut.connections, len(front.mails())) == (["unknown"] * 2, 1, 1)


def test_lost_without_an_answer(front: Front) -> None:
    """The final dot never arrives: unknown, and sent again, byte for byte, only if a person says so.

    By then it is another day and the API would answer differently.
    """
    front.cut.at[DOT] = lambda: Deed.LOSE
    first = front.place.report(*front.command, code=4)
    wire = front.place.archived("email.eml")
    again = front.place.report(*front.command, code=4)
    assert (first["status"], again["status"], front.mails(), front.cut.connections) == ("unknown", "unknown", [], 1)
    front.place.api.now = NOW + timedelta(days=9)
    assert front.place.run("resolve", "1", "--resend").code == 0
    assert front.place.report(*front.command)["status"] == "sent"
    (mail,) = front.mails()
    assert mail.endswith(wire)
    assert front.place.archived("email.eml") == wire
    had, has = message_from_bytes(wire), message_from_bytes(mail)
    assert (has["Message-ID"], has["Date"]) == (had["Message-ID"], had["Date"]) == (first["message_id"], had["Date"])


def test_killed_between_the_message_and_its_dot(front: Front) -> None:
    """Killed with the whole message sent and its dot not yet recorded: nothing is delivered; the next run sends it."""
    archive = front.place.folder / "reports"
    gate = Gate()
    front.cut.at[DATA] = gate
    program = front.place.start(*front.command)
    assert gate.reached.wait(120)
    with closing(held_ledger(archive)):
        gate.opened.set()
        wire = len(front.place.archived("email.eml"))
        wait_until(lambda: front.cut.said > wire, lambda: f"{front.cut.said} bytes of {wire} were said")
        kill(program)
    assert front.states == ["claimed"]
    assert front.mails() == []
    assert [front.place.report(*front.command)["status"] for _ in range(2)] == ["sent", "skipped"]
    assert len(front.mails()) == 1


def test_killed_when_the_dot_is_on_its_way(front: Front) -> None:
    """When the dot is sent, the ledger already says so to everyone; after a kill, the outcome is unknown."""
    gate = Gate(Deed.LOSE)
    front.cut.at[DOT] = gate
    program = front.place.start(*front.command)
    assert gate.reached.wait(120)
    assert front.states == ["sending"]
    kill(program)
    gate.opened.set()
    assert front.place.report(*front.command, code=4)["status"] == "unknown"
    assert (front.mails(), front.cut.connections) == ([], 1)
    assert front.place.run("resolve", "1", "--resend").code == 0
    assert front.place.report(*front.command)["status"] == "sent"
    assert len(front.mails()) == 1


@pytest.mark.parametrize("stage", ["helo", "sender", "recipient", "data"])
def test_postfix_that_takes_leave_is_connected_to_once_more(stage: str, postfix: Postfix, tmp_path: Path) -> None:
    """If Postfix says 421 and closes at any stage before the message, one reconnection delivers one email."""
    reader = f"{uuid4().hex}@acme.example"
    with office(tmp_path) as place, cut_line(postfix.ports[f"leaves-at-{stage}"], postfix.ports["starttls"]) as cut:
        place.configure(CHEAP)
        place.environment |= postfix.settings() | {"HYPERREP_SMTP_PORT": str(cut.port)}
        (delivery,) = place.report(*APRIL, "--to", reader)["deliveries"]
        assert (delivery["status"], cut.connections, len(postfix.mails(reader))) == ("accepted", 2, 1)
