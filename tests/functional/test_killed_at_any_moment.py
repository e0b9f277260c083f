"""A run of twenty organizations, killed as by a power cut at any moment: nothing is sent twice, lost, or unreported."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.crowd import Crowd
from tests.office import CEO, CHEAP, NOW, Office, ended, office
from tests.servers import served

pytestmark = pytest.mark.slow

KILLS = 12
"""For each of four cases; each takes about four seconds of both cores, most of them to start programs."""

TWENTY = ("--json", "--all-orgs", "--period", "day", "--timezone", "UTC", "--to", CEO)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_killed_at_any_moment_each_mail_is_sent_once_or_told(seed: int, tmp_path: Path) -> None:
    """Run again until it ends: nobody has two emails, none is falsely `accepted`, and each unknown one is listed."""
    lot, kills = random.Random(seed), 0
    with office(tmp_path) as place, served(Crowd(20, NOW)) as url:
        place.environment["HYPERREP_API_URL"] = url
        unmeasured(place.environment)
        place.configure(CHEAP)
        began = time.monotonic()
        check(place, ended(place.start(*TWENTY, "--output", "undisturbed")).document)
        usual = time.monotonic() - began
        folders = (f"reports-{number}" for number in count())
        while kills < KILLS:
            place.mail.stored.clear()
            folder = next(folders)
            while killed_after(place.start(*TWENTY, "--output", folder), lot.uniform(0.2, 1.2) * usual):
                kills += 1
            document = ended(place.started[-1]).document
            check(place, document)
            assert document["exit_code"] == (4 if document["counts"]["unknown"] else 0)
            assert place.run("verify", folder).code == 0


def unmeasured(environment: dict[str, str]) -> None:
    """Disable coverage measurement: a killed program writes no results, and starts faster without it."""
    for name in [name for name in environment if name.startswith("COVERAGE_")]:
        del environment[name]


def killed_after(program: "subprocess.Popen[str]", seconds: float) -> bool:
    """Whether the program was still running then; it is dead afterwards."""
    try:
        program.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(program.pid, signal.SIGKILL)
        program.communicate()
        return program.returncode == -signal.SIGKILL
    return False


def check(place: Office, document: Mapping[str, Any]) -> None:
    """Every `sent` or `skipped` report is on the server once; the others are `unknown`, and there at most once."""
    stored = Counter(str(message_from_bytes(each.wire)["Message-ID"]) for each in place.mail.stored)
    reports: Sequence[Mapping[str, Any]] = document["reports"]
    assert len({report["message_id"] for report in reports}) == len(reports) == 20
    assert set(stored.values()) <= {1}
    for report in reports:
        if report["status"] == "unknown":
            continue
        assert report["status"] in {"sent", "skipped"}, report
        assert stored[report["message_id"]] == 1
    assert stored.keys() <= {report["message_id"] for report in reports}
