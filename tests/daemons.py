"""Servers from the machine's own packages for tests: found, given a port, run as our child, and stopped with us.

Nothing of them is left: a server ends with the test run, even with one that is killed.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

PATIENCE = 60
"""Seconds to wait for a server that should long have started, stopped, or done something."""

_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/postfix/sbin", "/usr/libexec/postfix")
"""The folders of programs that are not on every user's PATH."""

_LEASH = """
end=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill -s "$end" "$server"; } 2>/dev/null &
wait "$server"
"""
"""Runs a server and ends it by a signal when our end of the pipe closes, even if this process was killed.

The kernel's parent-death signal is lost if a server changes its user, as Postfix does.
"""


def give_up(sentence: str) -> NoReturn:
    """Skip the test, as this machine cannot run it; in continuous integration (`CI` is set) fail it instead."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
    raise AssertionError


def installed(name: str, *folders: str | Path) -> Path:
    """The path of a program, searched for in `folders` as well; without it the test is skipped."""
    found = shutil.which(name, path=os.pathsep.join(map(str, (*folders, os.environ["PATH"], *_FOLDERS))))
    if found is None:
        give_up(f"{name} is not installed: run sh scripts/test --all as root, or install it")
    return Path(found)


@contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """A folder that every user may enter, until the block ends.

    Not pytest's, nor one in TMPDIR: these may be readable only by root, or their paths too long for a socket.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def reserved_port() -> Iterator[int]:
    """A free port on 127.0.0.1 that a server which sets SO_REUSEADDR, as all do, can take until the block ends.

    On Linux, a socket that does not listen keeps it from everyone who asks for any port, or connects from one.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        port = int(keeper.getsockname()[1])
        if sys.platform != "linux":
            keeper.close()
        yield port


def listens(port: int) -> bool:
    """Whether a server accepts connections there."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def wait_until(ready: Callable[[], bool], problem: Callable[[], str]) -> None:
    """Poll until the condition holds; after the timeout, fail with the text of `problem`."""
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end, problem()
        time.sleep(0.02)


@contextmanager
def running(
    command: Sequence[str | Path],
    ready: Callable[[], bool],
    *,
    folder: Path,
    user: str | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    """A server in the foreground, from when it is `ready` until the block ends, with its output in `folder/log`.

    It runs as root or as `user`, and gets the signal `end` also when this process dies.
    """
    log = folder / "log"
    leash = ["sh", "-c", _LEASH, "leash", end.name.removeprefix("SIG")]
    with log.open("ab") as said:
        server = subprocess.Popen(
            [*leash, *command],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            start_new_session=True,  # an interrupt from the keyboard is for us, and we end the server
        )
    try:
        wait_until(
            lambda: server.poll() is not None or ready(), lambda: f"{command[0]} does not begin:\n{log.read_text()}"
        )
        assert server.poll() is None, f"{command[0]} ended:\n{log.read_text()}"
        yield
    finally:
        _end(server)


def _end(server: "subprocess.Popen[bytes]") -> None:
    """Stop a server cleanly, and kill what it has left behind, so that nothing uses its folder any more."""
    family = psutil.Process(server.pid).children(recursive=True) if server.poll() is None else []
    assert server.stdin
    server.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        server.wait(PATIENCE)
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    server.wait()
    wait_until(lambda: not any(map(_is_alive, family)), lambda: f"processes of {server.args!r} are left")


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
