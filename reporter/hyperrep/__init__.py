"""The HyperRep API: its client, its wire format, and the parsing of its responses."""
