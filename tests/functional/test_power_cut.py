"""A power cut cannot undo the record of what a mail server was sent. The test traces the system calls of a command."""

import re
from pathlib import Path

import pytest

from tests.daemons import installed
from tests.office import APRIL, CEO, CHEAP, office

pytestmark = pytest.mark.slow

DOT = r'"\27\3\3\0\24'
"""The start of a TLS record of three bytes of content, as strace prints it."""

BODY = r'"\27\3\3@\21'
"""The longest TLS record, 16 KiB, in which most of a message is sent."""

LOG = "ledger.sqlite3-wal>"


def test_the_note_is_on_the_disk_before_the_dot_goes_out(tmp_path: Path) -> None:
    """Between the end of the message and its final dot, the ledger is written, and the disk has confirmed it."""
    trace = tmp_path / "trace"
    with office(tmp_path) as place:
        place.configure(CHEAP)
        calls = "trace=write,pwrite64,fdatasync,fsync"
        place.under = (str(installed("strace")), "-f", "--seccomp-bpf", "-y", "-s", "8", "-e", calls, "-o", str(trace))
        assert place.report(*APRIL, "--to", CEO)["status"] == "sent"
    lines = trace.read_text("utf-8", "replace").splitlines()
    dot = next(place for place, line in enumerate(lines) if DOT in line)
    body = max(place for place, line in enumerate(lines[:dot]) if BODY in line)
    between = lines[body + 1 : dot]
    written = [place for place, line in enumerate(between) if "pwrite64(" in line and LOG in line]
    synced = [place for place, line in enumerate(between) if re.search(r"f(data)?sync\(", line) and LOG in line]
    assert written
    assert max(written) < max(synced)
    assert "unfinished" not in between[max(synced)]
