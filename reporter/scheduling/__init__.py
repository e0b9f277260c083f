"""Scheduling: the calendar of periods, the due list, catching up, and the status of each window."""
