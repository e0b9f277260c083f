"""Configuration: file, environment and flags become one frozen value, or a list of every problem."""

from pathlib import Path

DEFAULT_FILE = Path("hyperrep-report.toml")
"""The file that is read where none is named, in the working folder."""
