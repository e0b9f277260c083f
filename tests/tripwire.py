"""What a hostile document would try to reach: a web server that records requests, and a file that holds a secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import served

CANARY = "CANARY-0f3a-of-a-file-nobody-should-read"


@dataclass
class Tripwire:
    """The server's `url` with the paths that were `asked` for, and the `file`, whose content is the canary."""

    url: str
    file: Path
    asked: list[str] = field(default_factory=list)


@contextmanager
def tripwire(folder: Path) -> Iterator[Tripwire]:
    """Both, until the block ends; the server answers everything with a stylesheet."""
    asked: list[str] = []

    async def application(scope: Any, _receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/css")]})
        await send({"type": "http.response.body", "body": b""})

    file = folder / "canary.txt"
    file.write_text(CANARY)
    with served(application) as url:
        yield Tripwire(url, file, asked)
