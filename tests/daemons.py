"""Servers of the machine's own packages for tests: found, given a port, run as our child, and gone when we are.

Nothing of them stays: a server ends with the test run, even with one that is killed.
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
"""Seconds after which a server that should have begun, ended or done something long ago is given up."""

_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/lib/postfix/sbin", "/usr/libexec/postfix")
"""Where programs lie that are not for everyone's PATH."""

_LEASH = """
end=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill -s "$end" "$server"; } 2>/dev/null &
wait "$server"
"""
"""Runs a server and ends it by a signal when our end of the pipe closes, be it that this process was killed.

The kernel's own way, the signal at a parent's death, is lost where a server changes its user, as Postfix does.
"""


def give_up(sentence: str) -> NoReturn:
    """Skip the test, as this machine cannot run it; in continuous integration (`CI` is set) fail it instead."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
    raise AssertionError


def installed(name: str, *folders: str | Path) -> Path:
    """Where a program lies, looked for in `folders` as well; without it the test is given up."""
    found = shutil.which(name, path=os.pathsep.join(map(str, (*folders, os.environ["PATH"], *_FOLDERS))))
    if found is None:
        give_up(f"{name} is not installed: run sh scripts/test --all as root, or install it")
    return Path(found)


@contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """A folder that every user may enter, until the block ends.

    Not pytest's, nor one in TMPDIR: these may lie where only root gets in, or too deep for the name of a socket.
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

    On Linux it is kept from everyone who asks for any port, or connects from one, by a socket that does not listen.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        port = int(keeper.getsockname()[1])
        if sys.platform != "linux":
            keeper.close()
        yield port


def listens(port: int) -> bool:
    """Whether a server takes connections there."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def wait_until(ready: Callable[[], bool], problem: Callable[[], str]) -> None:
    """Look again and again; fails with what `problem` says when patience ends."""
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
    """A server in the foreground, from when it is `ready` until the block ends, with `folder/log` for what it says.

    It is begun as root or as `user`, and gets the signal `end` also when this process dies.
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
    """End a server in good order, and by force what it has left behind, so that nobody uses its folder any more."""
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
