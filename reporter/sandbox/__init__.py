"""An embedded HyperRep API with fictional organizations; every answer is computed from events."""
