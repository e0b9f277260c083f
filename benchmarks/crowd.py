"""`python -m benchmarks.crowd [1000]`: many organizations, and a server that drops every fiftieth connection.

Runs the whole command over real sockets, with three connections to the mail server and one email on each, until all
deliveries are settled, by the server's log instead of an operator. Fails unless each email is stored exactly once.
"""

import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.crowd import Crowd
from tests.crowding import identities, prepare, settle_all
from tests.office import NOW, Ended, Office, office
from tests.servers import served

NTH = 50
PATIENCE = 3600
EVERY = 0.5
"""Seconds between two samples of the memory."""


@dataclass
class Watched:
    """Runs of the command: duration, and memory over time in MB, workers included."""

    place: Office
    seconds: list[float] = field(default_factory=list)
    megabytes: list[list[float]] = field(default_factory=list)

    def run(self, arguments: Sequence[str]) -> Ended:
        """Run the command to its end, and sample its memory."""
        began = time.perf_counter()
        program = self.place.start(*arguments)
        watcher = threading.Thread(target=self._watch, args=[psutil.Process(program.pid)], daemon=True)
        watcher.start()
        out, err = program.communicate(timeout=PATIENCE)
        self.seconds.append(time.perf_counter() - began)
        watcher.join()
        return Ended(program.returncode, out, err)

    def _watch(self, process: psutil.Process) -> None:
        self.megabytes.append([])
        with suppress(psutil.NoSuchProcess):
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                self.megabytes[-1].append(_proportional(process))
                time.sleep(EVERY)


def _proportional(process: psutil.Process) -> float:
    """Memory of the process and its descendants in MB, with shared pages counted once."""
    total = 0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):
            total += each.memory_full_info().pss
    return total / 1e6


def main(size: int) -> None:
    """Run, settle, check, and print the results."""
    with TemporaryDirectory() as folder, office(Path(folder)) as place, served(Crowd(size, NOW)) as url:
        prepare(place, url, nth=NTH, per_connection=1)
        watched = Watched(place)
        story = settle_all(place, watched.run)
        stored = identities(place)
        connections = place.mail.connections
    assert len(stored) == size, f"{len(stored)} stored of {size}"
    assert set(stored.values()) == {1}, "a mail was stored twice"
    assert sum(story.documents[0]["counts"].values()) == size
    print("| run | seconds | sent | deferred | unknown | memory MB, by fifths of the run |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for number, (document, seconds, megabytes) in enumerate(
        zip(story.documents, watched.seconds, watched.megabytes, strict=True), 1
    ):
        counts = document["counts"]
        part = max(1, len(megabytes) // 5)
        fifths = ", ".join(f"{max(megabytes[start : start + part]):.0f}" for start in range(0, part * 5, part)[:5])
        print(
            f"| {number} | {seconds:.0f} | {counts['sent']} | {counts['deferred']} | {counts['unknown']} | {fifths} |"
        )
    print(f"\n{size} stored once each, over {connections} connections; {len(story.settled)} settled by a person.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
