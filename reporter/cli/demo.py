"""The demo: the embedded sandbox answers in this process, mail goes to the outbox, and nothing needs to be set up."""

from dataclasses import replace
from pathlib import Path

from reporter.config.load import Examined, examine_config, examine_environment
from reporter.config.settings import Overrides

ORGANIZATION = "Acme Roofing"
READER = "executive@example.com"
TIMEZONE = "America/New_York"


def configuration(overrides: Overrides, path: Path | None) -> Examined:
    """The configuration of a demo: a file only where one is named, and none of the environment's servers or keys."""
    if path is not None:
        return examine_config(path, {}, overrides)
    return examine_environment(
        {}, replace(overrides, timezone=overrides.timezone or TIMEZONE, to=overrides.to or (READER,))
    )
