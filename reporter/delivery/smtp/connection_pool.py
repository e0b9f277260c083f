"""A pool of connections to one mail server, each used by one thread at a time and kept for later messages."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock
from time import monotonic, sleep

from reporter.delivery.channel import SendResult
from reporter.delivery.smtp.replies import MessageNotTaken, Remedy
from reporter.delivery.smtp.session import SmtpSession

_MAX_FAILURES = 3
"""Consecutive failures to connect after which the server counts as unreachable for the rest of the run."""

_MAX_IDLE = 60.0
"""Seconds after which an idle connection is not reused: servers and firewalls drop idle ones, some silently."""

_MINUTE = 60.0


class RateLimiter:
    """Allows at most `per_minute` messages in any minute, None for no limit, and pauses when a server asks for it.

    It is shared by all threads. `clock` returns seconds and `sleep` waits for them.
    """

    def __init__(
        self, per_minute: int | None, clock: Callable[[], float] = monotonic, sleep: Callable[[float], None] = sleep
    ) -> None:
        self._recent = deque[float](maxlen=per_minute or 0)
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._not_before = clock()

    def wait(self) -> None:
        """Wait until one more message may be sent, and count it."""
        while (left := self._take()) > 0:
            self._sleep(left)

    def pause(self, seconds: float) -> None:
        """Block all messages for this many seconds."""
        with self._lock:
            self._not_before = max(self._not_before, self._clock() + seconds)

    def _take(self) -> float:
        """Seconds to wait before asking again; 0 if a slot was free and is now taken."""
        with self._lock:
            now = self._clock()
            is_full = 0 < len(self._recent) == self._recent.maxlen
            turn = max(self._not_before, self._recent[0] + _MINUTE if is_full else now)
            if turn <= now:
                self._recent.append(now)
            return max(turn - now, 0.0)


class SmtpPool:
    """Up to `size` sessions, created by `connect`, each for at most `messages` messages, limited by `rate_limiter`.

    Sessions are opened one at a time, so that a rejected login is tried once, however many threads wait. After an error
    that applies to every message, or when the server is unreachable, no session is provided until `close`. If the
    server rejects one more connection, the pool makes do with the open ones until another one opens. `clock` returns
    seconds.
    """

    def __init__(
        self,
        connect: Callable[[], SmtpSession],
        size: int,
        messages: int,
        rate_limiter: RateLimiter,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._connect = connect
        self._size = self._room = size
        self._messages = messages
        self._rate_limiter = rate_limiter
        self._clock = clock
        self._changed = Condition()
        self._opening = Lock()
        self._slots = self._in_use = self._failures = 0
        self._idle: list[tuple[SmtpSession, float]] = []
        """The idle sessions, each with the moment of its last use."""
        self._end: SendResult | None = None

    @contextmanager
    def session(self) -> Iterator[SmtpSession]:
        """A usable session, once the rate limit allows a message; raises MessageNotTaken if there can be none."""
        session = self._acquire()
        try:
            self._rate_limiter.wait()
            self._raise_end()
            yield session
        except MessageNotTaken as end:
            self._note(end)
            raise
        finally:
            self._release(session)

    def close(self) -> None:
        """Close the idle sessions, and forget earlier errors."""
        with self._changed:
            idle, self._idle = self._idle, []
            self._room, self._failures, self._end = self._size, 0, None
        for session, _ in idle:
            session.close()

    def _acquire(self) -> SmtpSession:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._slots < self._room)
                self._slots += 1
            session = None
            try:
                self._raise_end()
                session = self._reuse() or self._open()
            finally:
                if session is None:
                    self._free_slot()
            if session is not None:
                return session

    def _release(self, session: SmtpSession) -> None:
        """Keep the session if possible; otherwise close it before another may be opened in its place."""
        is_kept = session.is_in_order and session.messages < self._messages
        if not session.is_in_order:
            session.abandon()
        elif not is_kept:
            session.close()
        with self._changed:
            self._in_use -= 1
            if is_kept:
                self._idle.append((session, self._clock()))
        self._free_slot()

    def _free_slot(self) -> None:
        with self._changed:
            self._slots -= 1
            self._changed.notify_all()

    def _reuse(self) -> SmtpSession | None:
        """The most recently used idle session, if the server still answers on it."""
        with self._changed:
            if not self._idle:
                return None
            session, since = self._idle.pop()
            self._in_use += 1
        try:
            if self._clock() - since <= _MAX_IDLE:
                session.reset()
                return session
            session.close()
        except MessageNotTaken:
            session.abandon()
        with self._changed:
            self._in_use -= 1
        return None

    def _open(self) -> SmtpSession | None:
        """A new session; None if the open ones have to do."""
        with self._opening:
            self._raise_end()
            try:
                session = self._connect()
            except MessageNotTaken as end:
                if self._makes_do(end):
                    return None
                self._failures += 1
                self._note(end)
                raise
        with self._changed:
            self._room, self._failures = self._size, 0
            self._in_use += 1
            self._changed.notify_all()
        return session

    def _makes_do(self, end: MessageNotTaken) -> bool:
        with self._changed:
            makes_do = self._in_use > 0 and end.remedy is not Remedy.STOP
            if makes_do:
                self._room = self._in_use
        return makes_do

    def _note(self, end: MessageNotTaken) -> None:
        """Remember an error that applies to every message, or that too many connections have failed."""
        if self._end is None and (end.remedy is Remedy.STOP or self._failures >= _MAX_FAILURES):
            self._end = SendResult(end.sent.status, f"not sent, as no email can be: {end.sent.reply}", attempted=False)

    def _raise_end(self) -> None:
        if self._end:
            raise MessageNotTaken(self._end)
