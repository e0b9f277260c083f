"""Rendering of reports: texts, view, charts, HTML, PDF, and email bodies."""
