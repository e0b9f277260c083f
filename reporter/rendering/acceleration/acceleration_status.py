"""Whether the acceleration is active, and the environment variable that switches it off. Loads no library."""

from dataclasses import dataclass

VARIABLE = "HYPERREP_PLAIN_RENDERING"
"""Any value but `0` switches the acceleration off; an empty variable counts as not set."""


@dataclass(frozen=True, slots=True)
class AccelerationStatus:
    """Why the acceleration is inactive, and what to do if that is not intended; both are empty if it is active."""

    reason: str = ""
    hint: str = ""

    @property
    def is_active(self) -> bool:
        """Whether the patches are applied."""
        return not self.reason
