"""Connections to one mail server, each lent to one thread at a time and kept for the messages after."""

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
"""Connections in a row that may fail to open before the server counts as out of reach for the rest of a run."""

_LONGEST_IDLE = 60.0
"""Seconds after which a kept connection is not used again: servers and firewalls drop idle ones, some silently."""


@dataclass(frozen=True, slots=True)
class _Kept:
    session: SmtpSession
    since: float


class SmtpPool:
    """Up to `size` sessions, made by `opened`, each for at most `messages` messages, which keep the `pace`.

    Sessions are opened one after the other, so that a login that is refused is tried once, however many threads wait.
    After a refusal that holds for every message, or when the server is out of reach, nothing more is lent until
    `close`. A server that will not have one more connection makes do with those at work, until another one opens.
    `clock` counts seconds.
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
        """A session in good order, when it is a message's turn; raises NotTaken when there can be none."""
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
        """Take leave of the server, and forget what it refused."""
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
        """Keep what can be kept; the rest is closed before another may be opened in its place."""
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
        """The connection that was kept last, if the server still answers on it."""
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
        """A new connection; None when those at work have to do."""
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
        """Remember a refusal that holds for every message, or that there is no end of them."""
        is_over = end.remedy is Remedy.STOP or self._vain_openings >= _VAIN_OPENINGS
        if is_over and self._end is None:
            sentence = f"not sent, as no mail can be: {end.sent.reply}"
            self._end = SendResult(end.sent.status, sentence, attempted=False)

    def _ensure_hope(self) -> None:
        if self._end:
            raise MessageNotTaken(self._end)
