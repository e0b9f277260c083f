"""The API key is sent only in a header that can carry it, and only to a secure address."""

import pytest

from reporter.domain.errors import UsageError
from reporter.hyperrep.access import checked_address, checked_key


@pytest.mark.parametrize("key", ["", "secret key", "secret\nX-Other: 1", "secret\r", "sécret", "secret\x00", " secret"])
def test_a_key_no_header_can_carry_is_refused_without_showing_it(key: str) -> None:
    """A key with a line break or a non-ASCII letter gives an error that does not contain the key."""
    with pytest.raises(UsageError) as refused:
        checked_key(key)
    assert "cret" not in str(refused.value)


def test_any_visible_key_is_taken() -> None:
    """No format of the key is assumed: it may contain every visible ASCII character."""
    key = "".join(map(chr, range(0x21, 0x7F)))
    assert checked_key(key) == key


@pytest.mark.parametrize(
    "url",
    [
        "http://api.hyperrep.ai",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://192.168.0.4:8080",
        "ftp://localhost",
        "api.hyperrep.ai",
        "https://",
        "",
        "https://user:secret@api.hyperrep.ai",
        "https://api.hyperrep.ai?x=1",
        "https://api.hyperrep.ai#x",
        "https://[::1",
        "https://api.hyperrep.ai:notaport",
    ],
)
def test_an_address_the_key_is_not_safe_at_is_refused(url: str) -> None:
    """Unencrypted URLs, credentials in the URL, and invalid URLs are refused before anything is sent."""
    with pytest.raises(UsageError) as refused:
        checked_address(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.hyperrep.ai/",
        "https://gate.example/hyperrep",
        "http://127.0.0.9:80",
        "http://[::1]:80",
        "http://localhost",
    ],
)
def test_an_encrypted_or_local_address_is_taken(url: str) -> None:
    """HTTPS anywhere and HTTP on this machine are accepted, with a path, and without a trailing slash."""
    assert str(checked_address(url)) in {url, url.rstrip("/"), url.removesuffix(":80"), url.replace(":80", "")}
    assert not str(checked_address(url)).endswith("/")
