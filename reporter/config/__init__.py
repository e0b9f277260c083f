"""Configuration: merges file, environment, and flags into one frozen value, or lists every problem."""

from pathlib import Path

DEFAULT_FILE = Path("hyperrep-report.toml")
"""The file read if none is named, in the working directory."""
