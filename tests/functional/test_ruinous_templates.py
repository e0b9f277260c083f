"""A template that hangs or exhausts memory fails its own report; the others are sent, and the run says why."""

import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.functional.preview.previewing import preview
from tests.office import CEO, CFO, PROJECT, Ended, Office, ended, office

pytestmark = pytest.mark.slow

HASTY = """
import functools
from reporter.__main__ import main
from reporter.cli import running
from reporter.rendering.worker import RenderPool
from reporter.rendering.worker_process import Limits
running.RenderPool = functools.partial(RenderPool, limits=Limits(seconds=15))
main()
"""
"""The command with a lower limit than its own, which is too long for a test."""

ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
GREEDY = "{{ 'x' * 3000000000 }}"


def ruinous(folder: Path, construct: str) -> str:
    """The configuration of two reports, one of which has a template of its own with this in it."""
    look = shutil.copytree(PROJECT / "templates" / "executive", folder / "look")
    with (look / "report.html.j2").open("a") as file:
        file.write(construct)
    return f"""
period = "month"
[[reports]]
organization = "Acme Roofing"
recipients = ["{CEO}"]
template = "{look}"
[[reports]]
organization = "Corner Bakery"
recipients = ["{CFO}"]
"""


def hastily(place: Office) -> Ended:
    """The end of the command, run with the lower limit."""
    program = subprocess.Popen(
        [sys.executable, "-c", HASTY, "--json"],
        cwd=place.folder,
        env=place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    place.started.append(program)
    return ended(program)


@pytest.mark.parametrize(
    ("construct", "sentence"),
    [
        (ENDLESS, "The document took more than 15 seconds to render, which is the limit"),
        pytest.param(
            GREEDY,
            "The document took more than 1024 MB of memory to render, which is the limit",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory"),
        ),
    ],
)
def test_a_ruinous_template_costs_its_own_report_alone(tmp_path: Path, construct: str, sentence: str) -> None:
    """A report whose template never ends, or needs gigabytes, fails with a sentence; the other is sent; exit 1."""
    with office(tmp_path) as place:
        place.configure(ruinous(tmp_path, construct))
        done = hastily(place)
        assert place.readers() == [CFO]
    assert done.code == 1, done
    acme, bakery = done.document["reports"]
    assert (acme["status"], acme["error"], acme["pdf"]) == ("failed", sentence, None)
    assert bakery["status"] == "sent"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_looking_at_a_ruinous_template_is_safe(tmp_path: Path) -> None:
    """A preview or a verification with such a template meets the same limit; the preview keeps running."""
    sentence = "took more than 1024 MB of memory to render, which is the limit"
    with office(tmp_path) as place:
        look = shutil.copytree(PROJECT / "templates" / "executive", tmp_path / "look")
        options = ("--demo", "--period", "month", "--template", str(look))
        assert place.run(*options).code == 0
        with (look / "report.html.j2").open("a") as file:
            file.write(GREEDY)
        verified = place.run("verify")
        with preview(tmp_path, *options, environ=place.environment) as shown:
            pages = [httpx.get(f"{shown.url}/{path}", timeout=60) for path in ("page.html", "mail.html")]
    assert (verified.code, sentence in verified.out) == (1, True), verified
    assert [page.status_code for page in pages] == [500, 200]
    assert sentence in pages[0].text
