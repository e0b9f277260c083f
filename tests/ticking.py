"""Time for tests: it passes when somebody waits, or is told to."""

from dataclasses import dataclass, field


@dataclass
class Time:
    """Seconds, and how long was waited."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """What time it is."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.waits.append(seconds)
        self.now += seconds
