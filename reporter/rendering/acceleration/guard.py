"""The one guard of all patches: the installed versions and the environment variable."""

from collections.abc import Mapping

import cssselect2
import pydyf
import weasyprint

from reporter.rendering.acceleration.acceleration_status import VARIABLE, AccelerationStatus

SUPPORTED = {"weasyprint": "70.0", "pydyf": "0.13.0", "cssselect2": "0.10.1"}
"""The versions that the patches were written for. Before changing one, check every patch against its source."""


def activate(environ: Mapping[str, str]) -> AccelerationStatus:
    """Apply all patches to this process, or none if the variable or an installed version rules them out."""
    found = status(environ)
    if found.is_active:
        from reporter.rendering.acceleration import patches  # noqa: PLC0415  # may not import with other versions

        patches.apply()
    return found


def status(environ: Mapping[str, str]) -> AccelerationStatus:
    """Whether the patches may be applied."""
    if environ.get(VARIABLE, "") not in ("", "0"):
        return AccelerationStatus(f"{VARIABLE} is set")
    installed = {"weasyprint": weasyprint.VERSION, "pydyf": pydyf.VERSION, "cssselect2": cssselect2.VERSION}
    mismatched = [
        f"{name} {version} is installed, and {SUPPORTED[name]} is expected"
        for name, version in installed.items()
        if version != SUPPORTED[name]
    ]
    if not mismatched:
        return AccelerationStatus()
    requirements = " ".join(f"{name}=={version}" for name, version in SUPPORTED.items())
    return AccelerationStatus(", ".join(mismatched), f"Install the expected versions: `pip install {requirements}`.")
