"""The migrations, each named after the version it leads to."""
