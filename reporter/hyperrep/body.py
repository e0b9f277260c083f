"""Read and decompress a response body in pieces, never beyond the size limit.

A few kilobytes can expand to gigabytes, and two layers of compression to anything. So only one encoding is requested,
no other is accepted, and no piece is decompressed beyond the limit.
"""

import zlib
from typing import Protocol

import httpx

from reporter.domain.errors import ApiAnswerInvalid

LARGEST_ANSWER = 20_000_000
"""Maximum bytes of one response, compressed and decompressed; a report's responses have a few thousand."""

PACKING = "gzip"
"""The only accepted encoding, sent in `Accept-Encoding`."""

_GZIP = 16 + zlib.MAX_WBITS


class _Unpacking(Protocol):
    """Decompresses pieces, each to at most `most` bytes."""

    def decompress(self, piece: bytes, most: int, /) -> bytes: ...


class _Plain:
    def decompress(self, piece: bytes, most: int, /) -> bytes:
        return piece[:most]


async def read_body(endpoint: str, response: httpx.Response) -> bytes:
    """The decompressed body. Raises ApiAnswerInvalid if it is too large or cannot be decompressed."""
    unpacking = _unpacking(endpoint, response.headers.get("Content-Encoding", ""))
    travelled, body = 0, bytearray()
    async for piece in response.aiter_raw():
        travelled += len(piece)
        try:
            body += unpacking.decompress(piece, LARGEST_ANSWER + 1 - len(body))
        except zlib.error as error:
            raise ApiAnswerInvalid(f"{endpoint}: the API's answer could not be unpacked ({error}).") from error
        if max(travelled, len(body)) > LARGEST_ANSWER:
            raise ApiAnswerInvalid(f"{endpoint}: the API's answer is larger than {LARGEST_ANSWER // 1_000_000} MB.")
    return bytes(body)


def _unpacking(endpoint: str, packing: str) -> _Unpacking:
    match packing.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip":
            return zlib.decompressobj(_GZIP)
        case _:
            raise ApiAnswerInvalid(f"{endpoint}: the API's answer is packed in a way that was not asked for.")
