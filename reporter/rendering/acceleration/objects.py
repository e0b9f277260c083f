"""Serialize PDF objects with a third of the calls.

pydyf asks for each value's type in a chain of `isinstance` tests, and serializes a dictionary or an array one call per
value. Here a table maps the type to the function. A type that is not in the table, such as a subclass, is left to
pydyf.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pydyf

_original_to_bytes: Callable[[Any], bytes] = pydyf._to_bytes  # noqa: SLF001  # this module replaces it


def _to_bytes(item: Any) -> bytes:
    serialize = _SERIALIZERS.get(type(item))
    return serialize(item) if serialize else _original_to_bytes(item)


def _text(text: str) -> bytes:
    return text.encode("ascii")


def _decimal(number: float) -> bytes:
    return (str(int(number)) if number.is_integer() else f"{number:f}".rstrip("0")).encode("ascii")


def _dictionary(items: Mapping[Any, Any]) -> bytes:
    return b"<<%b>>" % b"".join([b"/%b %b" % (_to_bytes(key), _to_bytes(value)) for key, value in items.items()])


def _array(items: list[Any]) -> bytes:
    return b"[%b]" % b" ".join(map(_to_bytes, items))


_SERIALIZERS: Mapping[type, Callable[[Any], bytes]] = {
    bytes: bytes,
    str: _text,
    int: b"%d".__mod__,
    float: _decimal,
    pydyf.Dictionary: _dictionary,
    pydyf.Array: _array,
}

PATCHES = (
    (pydyf, "_to_bytes", _to_bytes),
    (pydyf.Dictionary, "data", property(_dictionary)),
    (pydyf.Array, "data", property(_array)),
)
