"""The demo: the embedded sandbox answers in this process, mail goes to the outbox, and nothing needs to be set up."""

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
    """The configuration of a demo: a file only where one is named, and none of the environment's servers or keys.

    What PDFs open with is neither: a file that names its variable is shown with it.
    """
    if path is not None:
        passwords = {name: value for name, value in os.environ.items() if name.startswith(PDF_PASSWORD)}
        return examine_config(path, passwords, overrides)
    return examine_environment(
        {}, replace(overrides, timezone=overrides.timezone or TIMEZONE, to=overrides.to or (READER,))
    )
