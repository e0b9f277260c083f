"""Checks of everything a run needs, made before a run; the `doctor` command prints their results."""
