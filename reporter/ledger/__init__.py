"""The ledger: one row for each message, written before and after sending, safe against crashes and parallel runs."""
