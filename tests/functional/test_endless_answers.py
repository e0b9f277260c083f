"""The client against APIs whose answers never end: compressed a thousandfold, page after page, or byte by byte."""

import asyncio
import gzip
import zlib
from typing import Any

import pytest

from reporter.domain.errors import ApiAnswerInvalid, ApiUnreachable
from reporter.domain.snapshot import Organization
from reporter.hyperrep.access import ApiSettings
from reporter.hyperrep.client import LARGEST_ANSWER, LARGEST_LIST
from tests.asking import organizations
from tests.faulty_api import Reply, ScriptedApi
from tests.servers import served

ACME = Organization("acme", "Acme Roofing")
ORGANIZATIONS = b'{"data": [{"organization_id": "acme", "name": "Acme Roofing"}]}'
PIECE = b" " * 65_536


class Streaming:
    """An ASGI application that sends this chunk repeatedly, at this interval in seconds, until the client hangs up."""

    def __init__(self, piece: bytes, packing: str = "identity", pause: float = 0.0) -> None:
        self._piece = piece
        self._packing = packing
        self._pause = pause
        self.sent = 0

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        """Stream until the client hangs up."""
        await receive()
        gone = asyncio.create_task(receive())
        headers = [(b"content-encoding", self._packing.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while not gone.done():
            await send({"type": "http.response.body", "body": self._piece, "more_body": True})
            self.sent += len(self._piece)
            await asyncio.sleep(self._pause)


def test_only_the_packing_that_is_read_is_asked_for() -> None:
    """The client accepts gzip alone, and reads an answer compressed so."""
    api = ScriptedApi({"": [Reply(gzip.compress(ORGANIZATIONS), headers={"Content-Encoding": "gzip"})]})
    with served(api) as url:
        assert organizations(url) == (ACME,)
    assert api.asked[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        ("br", ORGANIZATIONS),
        ("deflate", zlib.compress(ORGANIZATIONS)),
        ("gzip, gzip", gzip.compress(gzip.compress(ORGANIZATIONS))),
    ],
)
def test_another_packing_is_not_unpacked(packing: str, body: bytes) -> None:
    """Brotli, and gzip in gzip, expand a kilobyte to gigabytes at once: they are rejected without decompression."""
    with (
        served(ScriptedApi({"": [Reply(body, headers={"Content-Encoding": packing})]})) as url,
        pytest.raises(ApiAnswerInvalid, match=r"organizations: .* an encoding that was not requested"),
    ):
        organizations(url)


def _bomb() -> bytes:
    """A small gzip file that decompresses to three times the largest answer allowed."""
    return gzip.compress(b" " * 3 * LARGEST_ANSWER)


@pytest.mark.parametrize(
    ("piece", "packing"),
    [(PIECE, "identity"), (_bomb(), "gzip"), (gzip.compress(b"[]") + PIECE, "gzip")],
    ids=["plain", "bomb", "trailing"],
)
def test_a_stream_without_end_is_left(piece: bytes, packing: str) -> None:
    """An endless answer, compressed, plain, or after the end of its gzip data, is dropped once it is too large."""
    api = Streaming(piece, packing)
    with served(api) as url, pytest.raises(ApiAnswerInvalid, match="larger than 20 MB"):
        organizations(url)
    assert api.sent < 4 * LARGEST_ANSWER


def test_an_answer_that_drips_ends_with_its_time() -> None:
    """An occasional byte keeps no request alive: the timeout is for the whole answer."""
    with (
        served(Streaming(b" ", pause=0.02)) as url,
        pytest.raises(ApiUnreachable, match=r"no answer came within 0\.\d+ seconds"),
    ):
        organizations(url, ApiSettings(timeout=0.3, budget=0.4))


@pytest.mark.slow
def test_a_list_that_is_huge_is_refused() -> None:
    """Pages that are each just small enough cannot fill the memory together."""
    padding = b" " * (LARGEST_ANSWER - 1_000)
    pages = (b'{"data": [], "pagination": {"next_cursor": "%d"}}' % page for page in range(100))
    api = ScriptedApi(
        {"": [Reply(gzip.compress(page + padding, 1), headers={"Content-Encoding": "gzip"}) for page in pages]}
    )
    with (
        served(api) as url,
        pytest.raises(ApiAnswerInvalid, match="organizations: the API's list is larger than 200 MB"),
    ):
        organizations(url)
    assert len(api.asked) == LARGEST_LIST // LARGEST_ANSWER + 1


def test_a_number_of_a_million_digits_is_refused() -> None:
    """A number that would take hours to parse is rejected with the endpoint's name."""
    with (
        served(ScriptedApi({"": [Reply(b'{"data": [' + b"9" * 1_000_000 + b"]}")]})) as url,
        pytest.raises(ApiAnswerInvalid, match=r"^organizations: the API's answer is not valid JSON"),
    ):
        organizations(url)
