"""Operator alerts after a run, by email and through services, and the heartbeat of runs."""
