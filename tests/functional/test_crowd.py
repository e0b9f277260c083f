"""Many organizations and the worst mail server: what is stored is what was accepted, plus what a person resolved."""

from pathlib import Path

import pytest

from tests.crowd import Crowd
from tests.crowding import identities, prepare, settle_all
from tests.office import NOW, office
from tests.servers import served

pytestmark = pytest.mark.slow

SIZE = 40


def test_nobody_of_a_crowd_is_forgotten_or_written_to_twice(tmp_path: Path) -> None:
    """Every fifth connection is dropped at a random stage: each organization's email is stored once in the end."""
    with office(tmp_path) as place, served(Crowd(SIZE, NOW)) as url:
        prepare(place, url, nth=5, per_connection=1)
        story = settle_all(place, lambda arguments: place.run(*arguments))
        stored = identities(place)
        verified = place.run("verify")
        history = place.run("history", "--json").document["deliveries"]
    assert (len(stored), set(stored.values())) == (SIZE, {1})
    assert {each["state"] for each in history} == {"accepted"}
    assert {each["message_id"] for each in history} == set(stored)
    assert story.settled
    first, last = story.documents[0], story.documents[-1]
    for document in (first, last):
        assert sum(document["counts"].values()) == len(document["reports"]) == SIZE
    assert first["exit_code"] == 4
    assert (last["counts"]["skipped"] + last["counts"]["sent"], last["exit_code"], verified.code) == (SIZE, 0, 0)
