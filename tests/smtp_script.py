"""What a test's mail server is scripted to do and what it saw: its faults, by stage, by connection, by recipient."""

import random
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import AuthResult, LoginPassword

HANG_UP = "hang up"
"""Close the connection instead of replying; after the final dot the message is lost with it."""

STORE_AND_HANG_UP = "store and hang up"
"""At `DOT`: store the message, then close the connection without a reply."""

BREAK_OFF = "break off"
"""At `DATA`: read the beginning of the message, then reset the connection."""

SPEAK_EARLY = "speak early"
"""At `DATA`: refuse the message once its beginning has arrived, and go on reading the rest."""

SILENCE = "silence"
"""Never reply; after the final dot the message is stored."""

RESET = "reset"
"""Reset the connection (RST) instead of replying; after the final dot the message is lost with it."""

DRIP = "drip"
"""Reply one byte at a time, and never finish."""

ENDLESS = "endless"
"""Reply line after line, and never finish."""

DEEDS = {HANG_UP, STORE_AND_HANG_UP, BREAK_OFF, SPEAK_EARLY, SILENCE, RESET, DRIP, ENDLESS}
_DROPS = [
    *((stage, deed) for stage in ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT") for deed in (HANG_UP, RESET)),
    ("DATA", BREAK_OFF),
    ("DOT", STORE_AND_HANG_UP),
    ("DOT", STORE_AND_HANG_UP),
]


@dataclass(frozen=True, slots=True)
class Stored:
    """One message that the server accepted, with the dots of its transport removed."""

    sender: str
    recipients: tuple[str, ...]
    wire: bytes
    is_encrypted: bool


def _semaphores() -> dict[str, threading.Semaphore]:
    return defaultdict(lambda: threading.Semaphore(0))


@dataclass
class SmtpServer:
    """What a server is scripted to do, and what it saw.

    `faults` holds, for `CONNECT`, a command or `DOT`, what to say or do instead of the right thing, each used once;
    `misfortune` the same by the connection's number, counted from 1. `refused` is the permanent reply to a
    recipient, `greylisting` the one to every recipient's first time. `tarpit` is the delay of each reply in
    seconds, `room` how many connections may be open at once; `extensions` are offered besides those of aiosmtpd (of
    `DSN` the server accepts the parameters).
    `bearers` are the mailboxes and tokens that XOAUTH2 accepts, `shown` those received, and `challenge` is sent to
    the others before the refusal, to which `answers` holds the client's responses.
    `given` counts the commands, and `DOT` and `END` of a connection, to wait for one. Each final dot is answered
    once `may_answer` is set.
    """

    login: tuple[str, str] | None = None
    bearers: Sequence[tuple[str, str]] = ()
    challenge: str | None = None
    faults: dict[str, Sequence[str]] = field(default_factory=dict)
    misfortune: Callable[[int], Mapping[str, str]] = lambda _connection: {}
    refused: dict[str, str] = field(default_factory=dict)
    greylisting: str | None = None
    tarpit: float = 0.0
    room: int | None = None
    extensions: Sequence[str] = ()
    size: int = 32 * 1024 * 1024
    mechanisms: Sequence[str] = ("PLAIN", "LOGIN")
    port: int = 0
    connections: int = 0
    most_at_once: int = 0
    commands: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    given: dict[str, threading.Semaphore] = field(default_factory=_semaphores)
    may_answer: threading.Event = field(default_factory=threading.Event)
    shown: list[tuple[str, str]] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    at_once: int = 0
    known: set[str] = field(default_factory=set)

    def next_fault(self, stage: str) -> str | None:
        """The next fault, which is then used up."""
        fault, *self.faults[stage] = self.faults.get(stage) or [""]
        return fault or None

    def answer_to_recipient(self, address: str) -> str | None:
        """The scripted reply to a recipient, if any."""
        is_new = address not in self.known
        self.known.add(address)
        return self.refused.get(address) or (self.greylisting if is_new else None)

    def check_login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Whether the login is the one of this server."""
        assert isinstance(given, LoginPassword)
        return AuthResult(success=(given.login.decode(), given.password.decode()) == self.login, handled=False)

    def check_bearer(self, initial: str) -> bool:
        """Whether the mailbox and token of an XOAUTH2 login are among those of this server."""
        found = re.fullmatch("user=(.+)\x01auth=Bearer (.+)\x01\x01", initial)
        assert found
        self.shown.append((found[1], found[2]))
        return self.shown[-1] in self.bearers


def dropping_every(nth: int, seed: int) -> Callable[[int], Mapping[str, str]]:
    """A `misfortune`: each nth connection is dropped at a random stage, with the message stored or lost.

    The choice depends on the connection's number and on `seed` alone.
    """

    def lot(connection: int) -> Mapping[str, str]:
        return {} if connection % nth else dict([random.Random(f"{seed}/{connection}").choice(_DROPS)])

    return lot
