"""A clock for tests: time passes only when code waits or a test advances it."""

from dataclasses import dataclass, field


@dataclass
class Time:
    """The time in seconds, and how long was waited."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """The current time."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Advance the time."""
        self.waits.append(seconds)
        self.now += seconds
