"""Simulated weeks and months: the command as cron runs it, under a clock that is set, against servers with faults.

with months(tmp_path, DAYS) as world:
    for moment in world.every(timedelta(hours=1), until=...):
        world.at(moment, "due")
    assert world.violations() == []

Everything is real but the clock: the ledger, the archive, the mail server, the API, and one process that renders all
documents. A run takes about a tenth of a second, or half a second if it sends something.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import time_machine

from tests.office import CHEAP, Ended, Office, office

OPEN = {"planned", "sending", "deferred", "unknown", "failed"}
"""States of an email that nobody has, or perhaps nobody: the operator must be able to see it."""


@dataclass
class Months:
    """The operator's setup, and every run so far by its moment."""

    place: Office
    runs: list[tuple[datetime, Ended]] = field(default_factory=list)

    def at(self, moment: datetime, *arguments: str) -> Ended:
        """The result of the command at a moment, which the clocks of this machine and of the API show."""
        self.place.api.now = moment
        with time_machine.travel(moment):
            done = self.place.run(*arguments)
        self.runs.append((moment, done))
        return done

    def history(self) -> list[Any]:
        """Every email that `history` lists."""
        done = self.place.run("history", "--json", "--limit", "10000")
        assert done.code == 0, done
        found: list[Any] = done.document["deliveries"]
        return found

    def arrived(self) -> Counter[str]:
        """How often each email arrived, by its message id."""
        return Counter(str(message_from_bytes(stored.wire)["Message-ID"]) for stored in self.place.mail.stored)

    def violations(self) -> list[str]:
        """What breaks the promise: each email is accepted exactly once, or listed as open, and no other arrives."""
        arrived, state_of = self.arrived(), {each["message_id"]: each["state"] for each in self.history()}
        wrong = [f"{message} arrived {times} times" for message, times in arrived.items() if times > 1]
        wrong += [f"{message} arrived but is not listed" for message in arrived.keys() - state_of.keys()]
        for message, state in state_of.items():
            if state not in OPEN | {"accepted"}:
                wrong.append(f"{message} is {state}")
            elif state not in {"unknown", "sending"} and bool(arrived[message]) != (state == "accepted"):
                wrong.append(f"{message} is {state} and " + ("arrived" if arrived[message] else "never arrived"))
        wrong += [f"{moment}: a traceback\n{done.err}" for moment, done in self.runs if "Traceback" in done.err]
        return wrong


@contextmanager
def months(folder: Path, configuration: str) -> Iterator[Months]:
    """A setup with this configuration, whose reports are cheap and whose clock is set for each run."""
    with office(folder) as place:
        place.configure(CHEAP + configuration)
        del place.environment["SOURCE_DATE_EPOCH"]
        yield Months(place)
