"""The demo: the embedded sandbox answers in process, email goes to the outbox, and no setup is needed."""

import os
from dataclasses import replace
from pathlib import Path

from reporter.config.load import LoadedConfig, examine_config, examine_environment
from reporter.config.secrets import PDF_PASSWORD
from reporter.config.settings import Overrides

ORGANIZATION = "Acme Roofing"
READER = "executive@example.com"
TIMEZONE = "America/New_York"


def configuration(overrides: Overrides, path: Path | None) -> LoadedConfig:
    """The configuration of a demo: a file only if one is named, and no servers or keys from the environment.

    Variables with PDF passwords are the exception: a file that names one is demonstrated with it.
    """
    if path is not None:
        passwords = {name: value for name, value in os.environ.items() if name.startswith(PDF_PASSWORD)}
        return examine_config(path, passwords, overrides)
    return examine_environment(
        {}, replace(overrides, timezone=overrides.timezone or TIMEZONE, to=overrides.to or (READER,))
    )
