"""Each step, named after the version it leads to."""
