"""The demo: the embedded sandbox answers in this process, mail goes to the outbox, and nothing needs to be set up."""

from dataclasses import replace
from pathlib import Path

from reporter.config.load import load_config, load_environment
from reporter.config.settings import Config, Overrides

ORGANIZATION = "Acme Roofing"
READER = "executive@example.com"
TIMEZONE = "America/New_York"


def configuration(overrides: Overrides, path: Path | None) -> Config:
    """The configuration of a demo: a file only where one is named, and none of the environment's servers or keys."""
    if path is not None:
        return load_config(path, {}, overrides)
    return load_environment(
        {}, replace(overrides, timezone=overrides.timezone or TIMEZONE, to=overrides.to or (READER,))
    )
