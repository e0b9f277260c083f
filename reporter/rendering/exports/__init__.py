"""Exports of figures, one row per number: CSV, JSON, and workbooks."""
