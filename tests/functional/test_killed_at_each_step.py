"""Killed as by a power cut at each step of two emails, from the first request to QUIT: sent once, or reported."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from tests.cut import DATA, DOT, Cut, Deed, Gate, cut_line
from tests.daemons import wait_until
from tests.office import APRIL, CEO, CFO, CHEAP, Office, held_ledger, kill, office, states
from tests.smtp_server import SILENCE
from tests.watched_api import BEFORE_ANY_ANSWER, Instead, Request

pytestmark = pytest.mark.slow

TO_TWO = ("--json", *APRIL, "--to", CEO, "--to", CFO)
PATIENCE = 120
SERVER = [
    ("CONNECT", 1),
    ("EHLO", 1),
    ("STARTTLS", 1),
    ("EHLO", 2),
    ("AUTH", 1),
    ("MAIL", 1),
    ("RCPT", 1),
    ("DATA", 1),
    ("DOT", 1),
    ("RSET", 1),
    ("MAIL", 2),
    ("RCPT", 2),
    ("DATA", 2),
    ("DOT", 2),
    ("QUIT", 1),
]
"""The command that the mail server leaves unanswered, and its occurrence; CONNECT is its greeting."""


@dataclass(frozen=True)
class Scene:
    """A setup with a connection to its mail server, and how to start a command there."""

    place: Office
    cut: Cut

    @property
    def archive(self) -> Path:
        """The folder of the reports and the ledger."""
        return self.place.folder / "reports"

    @contextmanager
    def killed(self) -> Iterator[None]:
        """A command that is killed when the block ends."""
        program = self.place.start(*TO_TWO)
        try:
            yield
        finally:
            kill(program)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An operator's setup before the first email."""
    with office(tmp_path) as place, cut_line(place.mail.port) as cut:
        place.configure(CHEAP)
        place.environment["HYPERREP_SMTP_PORT"] = str(cut.port)
        yield Scene(place, cut)


@pytest.mark.parametrize(("stage", "nth"), SERVER)
def test_killed_while_the_server_is_silent(stage: str, nth: int, scene: Scene) -> None:
    """Killed while the server has a command and does not reply: only after a final dot is the outcome unknown."""
    mail = scene.place.mail
    mail.faults = {stage: [*[""] * (nth - 1), SILENCE]}
    with scene.killed():
        if stage == "CONNECT":
            wait_until(lambda: mail.connections > 0, lambda: "nobody has connected")
        for _ in range(0 if stage == "CONNECT" else nth):
            assert mail.given[stage].acquire(timeout=PATIENCE)
    mail.faults = {}
    check(scene, {CEO: nth == 1, CFO: nth == 2} if stage == "DOT" else {})


@pytest.mark.parametrize("asks_for_figures", [False, True])
def test_killed_while_the_api_is_silent(scene: Scene, *, asks_for_figures: bool) -> None:
    """Killed before there is a report: nothing has been sent."""
    asked, api = Event(), scene.place.api

    def silent(request: Request) -> Instead | None:
        if bool(request.organization) is not asks_for_figures:
            return None
        asked.set()
        return Instead(200, BEFORE_ANY_ANSWER)

    api.instead = silent
    with scene.killed():
        assert asked.wait(PATIENCE)
    api.instead = lambda _request: None
    check(scene)


def test_killed_when_the_mails_are_written_and_not_planned(scene: Scene) -> None:
    """The emails are in the archive, and the ledger has no record of them."""
    held = Holding(scene)

    def hold(request: Request) -> None:
        if request.organization:
            held.begin()

    scene.place.api.instead = hold
    with scene.killed():
        wait_until(lambda: any(scene.archive.rglob("email-02.eml")), lambda: "no mail was written")
    scene.place.api.instead = lambda _request: None
    held.end()
    assert states(scene.archive) == []
    check(scene)


def test_killed_before_the_final_dot_is_noted(scene: Scene) -> None:
    """The server has the whole message except its final dot."""
    gate = Gate()
    scene.cut.at[DATA] = gate
    with scene.killed():
        assert gate.reached.wait(PATIENCE)
        with closing(held_ledger(scene.archive)):
            gate.opened.set()
            wire = next(scene.archive.rglob("email.eml")).stat().st_size
            wait_until(lambda: scene.cut.said > wire, lambda: "the message was not said")
    check(scene)


def test_killed_while_the_final_dot_is_on_its_way(scene: Scene) -> None:
    """The dot is recorded and never arrives: the outcome is unknown, though the server has nothing."""
    gate = Gate(Deed.LOSE)
    scene.cut.at[DOT] = gate
    with scene.killed():
        assert gate.reached.wait(PATIENCE)
    gate.opened.set()
    check(scene, {CEO: True})


def test_killed_before_the_servers_yes_is_noted(scene: Scene) -> None:
    """The server has accepted the message, which the ledger has not recorded."""
    held = Holding(scene)

    def hold() -> Deed:
        held.begin()
        return Deed.PASS_ON

    scene.cut.at[DOT] = hold
    with scene.killed():
        wait_until(lambda: len(scene.place.mail.stored) == 1, lambda: "nothing was stored")
    held.end()
    check(scene, {CEO: True})


class Holding:
    """Locks the ledger against writes from `begin`, of which only the first call counts, to `end`."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._end: Callable[[], None] | None = None

    def begin(self) -> None:
        """Lock the ledger."""
        if self._end is None:
            self._end = held_ledger(self._scene.archive).close

    def end(self) -> None:
        """Unlock it."""
        assert self._end
        self._end()


def check(scene: Scene, doubt: dict[str, bool] | None = None) -> None:
    """The next run reports every unknown outcome and sends the rest; in the end each recipient has one email.

    `doubt` names the recipients of unknown outcome; each accepted email is on the server, and none is there twice.
    """
    place, doubtful = scene.place, [to for to, is_so in (doubt or {}).items() if is_so]
    done = place.run(*TO_TWO)
    told = {each["recipient"]: each["status"] for each in done.document["reports"][0]["deliveries"]}
    assert told == {to: "unknown" if to in doubtful else "accepted" for to in (CEO, CFO)}
    assert done.code == (4 if doubtful else 0)
    readers = place.readers()
    assert sorted({*readers, *doubtful}) == [CEO, CFO]
    assert len(readers) == len(set(readers))
    assert sorted(states(scene.archive)) == sorted(told.values())
    for reader in doubtful:
        (delivery,) = place.run("history", "--json", "--state", "unknown").document["deliveries"]
        assert delivery["recipient"] == reader
        place.run("resolve", str(delivery["id"]), "--sent" if reader in readers else "--resend")
        assert place.run(*TO_TWO).code == 0
    assert sorted(place.readers()) == [CEO, CFO]
