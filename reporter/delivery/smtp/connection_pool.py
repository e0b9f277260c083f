"""A pool of connections to one mail server, each used by one thread at a time and kept for later messages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Lock
from time import monotonic

from reporter.delivery.channel import SendResult
from reporter.delivery.rate_limiter import RateLimiter
from reporter.delivery.smtp.replies import MessageNotTaken, Remedy
from reporter.delivery.smtp.session import SmtpSession

_VAIN_OPENINGS = 3
"""Consecutive failures to connect after which the server counts as unreachable for the rest of the run."""

_LONGEST_IDLE = 60.0
"""Seconds after which an idle connection is not reused: servers and firewalls drop idle ones, some silently."""


@dataclass(frozen=True, slots=True)
class _Kept:
    session: SmtpSession
    since: float


class SmtpPool:
    """Up to `size` sessions, created by `opened`, each for at most `messages` messages, limited by `pace`.

    Sessions are opened one at a time, so that a rejected login is tried once, however many threads wait. After an error
    that applies to every message, or when the server is unreachable, no session is provided until `close`. If the
    server rejects one more connection, the pool makes do with the open ones until another one opens. `clock` returns
    seconds.
    """

    def __init__(
        self,
        opened: Callable[[], SmtpSession],
        size: int,
        messages: int,
        pace: RateLimiter,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._opened = opened
        self._size = self._room = size
        self._messages = messages
        self._pace = pace
        self._clock = clock
        self._changed = Condition()
        self._opening = Lock()
        self._turns = self._at_work = self._vain_openings = 0
        self._kept: list[_Kept] = []
        self._end: SendResult | None = None

    @contextmanager
    def session(self) -> Iterator[SmtpSession]:
        """A usable session, once the rate limit allows a message; raises MessageNotTaken if there can be none."""
        session = self._borrowed()
        try:
            self._pace.keep()
            self._ensure_hope()
            yield session
        except MessageNotTaken as end:
            self._heed(end)
            raise
        finally:
            self._take_back(session)

    def close(self) -> None:
        """Close the idle sessions, and forget earlier errors."""
        with self._changed:
            kept, self._kept = self._kept, []
            self._room, self._vain_openings, self._end = self._size, 0, None
        for one in kept:
            one.session.close()

    def _borrowed(self) -> SmtpSession:
        while True:
            self._take_turn()
            session = None
            try:
                self._ensure_hope()
                session = self._reused() or self._fresh()
            finally:
                if session is None:
                    self._end_turn()
            if session is not None:
                return session

    def _take_back(self, session: SmtpSession) -> None:
        """Keep the session if possible; otherwise close it before another may be opened in its place."""
        is_kept = session.is_in_order and session.messages < self._messages
        if not session.is_in_order:
            session.abandon()
        elif not is_kept:
            session.close()
        with self._changed:
            self._at_work -= 1
            if is_kept:
                self._kept.append(_Kept(session, self._clock()))
        self._end_turn()

    def _take_turn(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._turns < self._room)
            self._turns += 1

    def _end_turn(self) -> None:
        with self._changed:
            self._turns -= 1
            self._changed.notify_all()

    def _reused(self) -> SmtpSession | None:
        """The most recently used idle connection, if the server still answers on it."""
        with self._changed:
            if not self._kept:
                return None
            kept = self._kept.pop()
            self._at_work += 1
        try:
            if self._clock() - kept.since <= _LONGEST_IDLE:
                kept.session.reset()
                return kept.session
            kept.session.close()
        except MessageNotTaken:
            kept.session.abandon()
        with self._changed:
            self._at_work -= 1
        return None

    def _fresh(self) -> SmtpSession | None:
        """A new connection; None if the open ones have to do."""
        with self._opening:
            self._ensure_hope()
            try:
                session = self._opened()
            except MessageNotTaken as end:
                if self._makes_do(end):
                    return None
                self._vain_openings += 1
                self._heed(end)
                raise
        with self._changed:
            self._room, self._vain_openings = self._size, 0
            self._at_work += 1
            self._changed.notify_all()
        return session

    def _makes_do(self, end: MessageNotTaken) -> bool:
        with self._changed:
            makes_do = self._at_work > 0 and end.remedy is not Remedy.STOP
            if makes_do:
                self._room = self._at_work
        return makes_do

    def _heed(self, end: MessageNotTaken) -> None:
        """Remember an error that applies to every message, or that too many connections have failed."""
        is_over = end.remedy is Remedy.STOP or self._vain_openings >= _VAIN_OPENINGS
        if is_over and self._end is None:
            sentence = f"not sent, as no mail can be: {end.sent.reply}"
            self._end = SendResult(end.sent.status, sentence, attempted=False)

    def _ensure_hope(self) -> None:
        if self._end:
            raise MessageNotTaken(self._end)
