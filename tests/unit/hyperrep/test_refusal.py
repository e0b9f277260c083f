"""Each error status of the API becomes an error with a sentence that helps the operator."""

from datetime import UTC, datetime

import httpx
import pytest

from reporter.domain.errors import ApiKeyRefused, ApiRefused, ApiUnreachable
from reporter.hyperrep.http_errors import LONGEST_DETAIL, detail, http_date, response_error, retry_after

NOW = datetime(2026, 5, 1, 5, 1, tzinfo=UTC)
FUTURE = "start_date and end_date cannot be in the future"


def _error(status: int, said: str = "", **headers: str) -> Exception:
    return response_error(httpx.Response(status, headers=headers), said, "analytics/sales", "api.hyperrep.ai", NOW)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Missing API Key", "received no key"),
        ("Invalid API Key", "does not know this key"),
        ("API Key is inactive", "inactive: activate it"),
        ("API Key has expired", "expired: create a new key"),
        ("Forbidden", "refused the key (403: Forbidden)"),
        ("", "refused the key (403)"),
    ],
)
def test_a_refused_key_says_which_fault_it_has_and_what_to_do(status: int, said: str, words: str) -> None:
    """Each of the four key errors has its own hint, and an unknown one shows the API's text."""
    error = _error(status, said)
    assert isinstance(error, ApiKeyRefused)
    assert words.replace("403", str(status)) in str(error)


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("Fri, 01 May 2026 04:00:00 GMT", "this machine's clock is 61 minutes ahead of the API's"),
        ("Fri, 01 May 2026 05:00:40 GMT", "this machine's clock is 20 seconds ahead of the API's"),
        ("Thu, 30 Apr 2026 05:01:00 GMT", "this machine's clock is 24 hours ahead of the API's"),
        ("Wed, 01 Apr 2026 05:01:00 GMT", "this machine's clock is 30 days ahead of the API's"),
        ("Fri, 01 May 2026 05:00:57 GMT", "has not ended by the API's clock (2026-05-01 05:00:57 UTC)"),
        ("Fri, 01 May 2026 06:00:00 GMT", "has not ended by the API's clock (2026-05-01 06:00:00 UTC)"),
        ("yesterday", "check this machine's clock"),
    ],
)
def test_a_window_in_the_future_is_explained_by_the_two_clocks(date: str, words: str) -> None:
    """The clock is named as the cause, with its offset, only if it is really ahead; otherwise the window's end is."""
    error = _error(400, FUTURE, Date=date)
    assert isinstance(error, ApiRefused)
    assert words in str(error)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://evil.example/take?key=1", "to evil.example (302)"),
        ("//evil.example:99/", "to evil.example (302)"),
        ("/elsewhere", "to another place on the same host (302)"),
        ("https://api.hyperrep.ai/v3", "to another place on the same host (302)"),
        ("https://evil.example:port", "to an invalid address (302)"),
        ("", "to another place on the same host (302)"),
    ],
)
def test_a_redirect_names_the_host_alone(location: str, target: str) -> None:
    """The error names the redirect's target by host only, and says that it was not followed."""
    error = _error(302, Location=location)
    assert isinstance(error, ApiRefused)
    assert target in str(error)
    assert "Redirects are not followed" in str(error)


def test_other_statuses_keep_their_kind() -> None:
    """A 4xx is a refused request; a 5xx that is not retried means that the API is unavailable."""
    assert str(_error(404, "Agent not found")) == "The API refused analytics/sales (404: Agent not found)."
    assert isinstance(_error(418), ApiRefused)
    assert isinstance(_error(520), ApiUnreachable)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"detail": "Invalid cursor"}', "Invalid cursor"),
        (
            b'{"detail": [{"loc": ["query", "start_date"], "msg": "Field required"}, {"msg": "Odd"}]}',
            "query.start_date: Field required; Odd",
        ),
        (b'{"detail": ["plain"]}', "plain"),
        (b'{"detail": 7}', ""),
        (b'["detail"]', ""),
        (b"<html><h1>Bad Gateway</h1></html>", ""),
        (b"\xff\xfe\xfd", ""),
        (b"", ""),
        (b"[" * 100_000, ""),
        (b'{"detail": "a\\u001b[2Jb\\nc\\u202ed"}', "a [2Jb c d"),
    ],
)
def test_the_detail_of_any_body_is_one_legible_line(body: bytes, reason: str) -> None:
    """Text and lists are shown, anything else is tolerated, and control characters do not reach the terminal."""
    assert detail(body) == reason


def test_a_long_detail_is_cut() -> None:
    """A long detail is truncated, so that the error stays short."""
    assert len(detail(b'{"detail": "' + b"x" * 5_000 + b'"}')) == LONGEST_DETAIL + 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Fri, 01 May 2026 05:02:30 GMT", 90),
        ("Fri, 01 May 2026 04:00:00 GMT", 0),
        ("Fri, 01 May 2026 05:02:30 -0000", 90),
        ("-5", 0),
        ("soon", 0),
        ("1.5", 0),
        ("٣", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, seconds: float) -> None:
    """Seconds and HTTP dates are honored; any other value is ignored."""
    assert retry_after(value, NOW) == seconds


def test_a_date_that_is_none_is_none() -> None:
    """An invalid Date header is treated as a missing one."""
    assert http_date("Fri, 99 May 2026 05:02:30 GMT") is None
    assert http_date(None) is None
