"""Runs for a crowd of organizations against a mail server that drops connections, until everything is settled."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from tests.office import CEO, NOW, Ended, Office
from tests.smtp_server import dropping_every

EVERYONE = ("--json", "--all-orgs", "--period", "day", "--timezone", "UTC", "--to", CEO)
_MOST_RUNS = 20


@dataclass
class Story:
    """The JSON document of each run, in order, and the ids of the emails that a person had to resolve."""

    documents: list[Mapping[str, Any]] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)


def settle_all(place: Office, run: Callable[[Sequence[str]], Ended]) -> Story:
    """Run hours apart until nothing is left; a person resolves each unknown email by the server's log."""
    story = Story()
    for _ in range(_MOST_RUNS):
        done = run(EVERYONE)
        story.documents.append(done.document)
        unknown = place.run("history", "--state", "unknown", "--json").document["deliveries"]
        has = identities(place)
        for answer, found in (
            ("--sent", [each for each in unknown if each["message_id"] in has]),
            ("--resend", [each for each in unknown if each["message_id"] not in has]),
        ):
            if found:
                assert place.run("resolve", *(str(each["id"]) for each in found), answer).code == 0
        story.settled |= {each["message_id"] for each in unknown}
        place.let_time_pass()
        if done.code == 0 and not unknown:
            return story
    raise AssertionError(f"not settled after {_MOST_RUNS} runs")


def identities(place: Office) -> Counter[str]:
    """The Message-IDs on the mail server, each with its count."""
    return Counter(str(message_from_bytes(each.wire)["Message-ID"]) for each in place.mail.stored)


def prepare(place: Office, url: str, *, nth: int, per_connection: int) -> None:
    """Point the command at the crowd's API, and make the server drop each nth of its connections."""
    place.environment["HYPERREP_API_URL"] = url
    place.environment["SOURCE_DATE_EPOCH"] = str(int(NOW.timestamp()))
    place.mail.misfortune = dropping_every(nth, seed=50)
    smtp = f"[smtp]\nconnections = 3\nmessages_per_connection = {per_connection}\n"
    place.configure(f'figures = ["conversations"]\nsections = []\n{smtp}')
