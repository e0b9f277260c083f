"""The rate limiter, on the test's own clock."""

from hypothesis import given
from hypothesis import strategies as st

from reporter.delivery.smtp.connection_pool import RateLimiter
from tests.ticking import Time


@given(per_minute=st.integers(1, 40), idle=st.lists(st.floats(0, 90), min_size=1, max_size=120))
def test_no_minute_has_more_than_the_limit(per_minute: int, idle: list[float]) -> None:
    """However long sending takes, no sixty seconds contain more messages than allowed."""
    time = Time()
    limiter = RateLimiter(per_minute, time.clock, time.wait)
    sent: list[float] = []
    for seconds in idle:
        limiter.wait()
        sent.append(time.now)
        time.now += seconds
    assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(sent, sent[per_minute:], strict=False))


def test_a_few_messages_wait_for_nothing() -> None:
    """As many messages as allowed per minute are sent at once, and any number if there is no limit."""
    time = Time()
    limited, unlimited = RateLimiter(30, time.clock, time.wait), RateLimiter(None, time.clock, time.wait)
    for _ in range(30):
        limited.wait()
    for _ in range(1000):
        unlimited.wait()
    assert time.waits == []


def test_a_pause_holds_everything() -> None:
    """After a server asked for a pause, nothing is sent before its end; a shorter pause does not end it sooner."""
    time = Time()
    limiter = RateLimiter(None, time.clock, time.wait)
    limiter.pause(20)
    limiter.pause(5)
    limiter.wait()
    limiter.wait()
    assert (time.now, time.waits) == (1020, [20])
