"""Delivery of an edition: claim, send, and record one message for each recipient."""
