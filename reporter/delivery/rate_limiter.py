"""Rate limiting of messages across all threads."""

from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic, sleep

_MINUTE = 60.0


class RateLimiter:
    """Allows at most `per_minute` messages in any minute, None for no limit, and pauses when a server asks for it.

    `clock` returns seconds and `wait` sleeps for them.
    """

    def __init__(
        self, per_minute: int | None, clock: Callable[[], float] = monotonic, wait: Callable[[float], None] = sleep
    ) -> None:
        self._recent = deque[float](maxlen=per_minute or 0)
        self._clock = clock
        self._wait = wait
        self._lock = Lock()
        self._not_before = clock()

    def keep(self) -> None:
        """Wait until one more message may be sent, and count it."""
        while (left := self._taken()) > 0:
            self._wait(left)

    def pause(self, seconds: float) -> None:
        """Block all messages for this many seconds."""
        with self._lock:
            self._not_before = max(self._not_before, self._clock() + seconds)

    def _taken(self) -> float:
        """Seconds to wait before asking again; 0 if a slot was free and is now taken."""
        with self._lock:
            now = self._clock()
            is_full = 0 < len(self._recent) == self._recent.maxlen
            turn = max(self._not_before, self._recent[0] + _MINUTE if is_full else now)
            if turn <= now:
                self._recent.append(now)
            return max(turn - now, 0.0)
