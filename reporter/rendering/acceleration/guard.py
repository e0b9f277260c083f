"""The one guard of all patches: the installed versions and the environment variable."""

from collections.abc import Mapping
from dataclasses import dataclass

VARIABLE = "HYPERREP_PLAIN_RENDERING"
"""Any value but `0` switches the acceleration off; an empty variable counts as not set."""

SUPPORTED = {"weasyprint": "70.0", "pydyf": "0.13.0", "cssselect2": "0.10.1"}
"""The versions that the patches were written for. Before changing one, check every patch against its source."""


@dataclass(frozen=True, slots=True)
class AccelerationStatus:
    """Why the acceleration is inactive, and what to do if that is not intended; both are empty if it is active."""

    reason: str = ""
    hint: str = ""

    @property
    def is_active(self) -> bool:
        """Whether the patches are applied."""
        return not self.reason


def activate(environ: Mapping[str, str]) -> AccelerationStatus:
    """Apply all patches to this process, or none if the variable or an installed version rules them out."""
    found = status(environ)
    if found.is_active:  # the modules may not import with other versions
        from reporter.rendering.acceleration import layout, objects, styles  # noqa: PLC0415

        for owner, name, replacement in (*layout.PATCHES, *objects.PATCHES, *styles.PATCHES):
            setattr(owner, name, replacement)
    return found


def status(environ: Mapping[str, str]) -> AccelerationStatus:
    """Whether the patches may be applied."""
    if environ.get(VARIABLE, "") not in ("", "0"):
        return AccelerationStatus(f"{VARIABLE} is set")
    mismatched = [
        f"{name} {version} is installed, and {SUPPORTED[name]} is expected"
        for name, version in _installed().items()
        if version != SUPPORTED[name]
    ]
    if not mismatched:
        return AccelerationStatus()
    requirements = " ".join(f"{name}=={version}" for name, version in SUPPORTED.items())
    return AccelerationStatus(", ".join(mismatched), f"Install the expected versions: `pip install {requirements}`.")


def _installed() -> Mapping[str, str]:
    """The versions of the libraries, which only a process that renders loads."""
    import cssselect2  # noqa: PLC0415
    import pydyf  # noqa: PLC0415
    import weasyprint  # noqa: PLC0415

    return {"weasyprint": weasyprint.VERSION, "pydyf": pydyf.VERSION, "cssselect2": cssselect2.VERSION}
