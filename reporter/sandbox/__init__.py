"""The HyperRep API over invented organizations: every answer is computed from events."""
