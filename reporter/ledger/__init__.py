"""The memory of what was sent: one row for each message, around every sending, whatever crashes or runs twice."""
