"""The servers that a developer starts, preview and sandbox: only programs on this machine can reach them."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

pytestmark = pytest.mark.slow

ELSEWHERE = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}


@pytest.fixture(params=[("preview", "--demo", "--no-open"), ("sandbox",)], ids=["preview", "sandbox"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a server that was started without a host option."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HYPERREP_")}
    with subprocess.Popen(
        [sys.executable, "-m", "reporter", *request.param, "--port", "0"],
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout
        yield next(found[0].rstrip("/") for line in program.stdout if (found := re.search(r"http://\S+", line)))
        program.terminate()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers at every address of the loopback network")
def test_nobody_else_can_connect(url: str) -> None:
    """By default, a server listens at 127.0.0.1 and at no other address of the machine."""
    place = urlsplit(url)
    assert place.hostname == "127.0.0.1"
    assert place.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", place.port), timeout=30)


def test_no_other_site_may_read(url: str) -> None:
    """A website in this machine's browser gets no permission to read an answer, or to send a request with a key."""
    for method in ("GET", "OPTIONS"):
        answer = httpx.request(method, f"{url}/api/v2/organizations", headers=ELSEWHERE)
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert httpx.request(method, f"{url}/", headers=ELSEWHERE).headers.get("access-control-allow-origin") is None
