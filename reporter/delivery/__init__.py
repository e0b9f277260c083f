"""Handing an edition to its readers: claim, send, settle, one message per recipient."""
