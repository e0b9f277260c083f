"""Benchmarks of the project and comparable renderers: `python -m benchmarks`."""
