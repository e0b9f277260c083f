"""The HyperRep API: its client, its wire format, and the snapshots a report is made from."""
