"""The body of an answer: what travels is read and unpacked piece by piece, and never more than an answer can have.

A few kilobytes can unpack to gigabytes, and in two layers a few more to anything. So one way of packing is asked for,
no other is taken, and no piece is unpacked beyond the limit.
"""

import zlib
from typing import Protocol

import httpx

from reporter.domain.errors import ApiAnswerInvalid

LARGEST_ANSWER = 20_000_000
"""Bytes of one answer, as it travels and unpacked; a report's answers have a few thousand."""

PACKING = "gzip"
"""The one way in which an answer may be packed: what `Accept-Encoding` says."""

_GZIP = 16 + zlib.MAX_WBITS


class _Unpacking(Protocol):
    """How pieces are unpacked, each to at most so many bytes."""

    def decompress(self, piece: bytes, most: int, /) -> bytes: ...


class _Plain:
    def decompress(self, piece: bytes, most: int, /) -> bytes:
        return piece[:most]


async def read_body(endpoint: str, response: httpx.Response) -> bytes:
    """The body, unpacked. Raises ApiAnswerInvalid: larger than any answer can be, or not to be unpacked."""
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
