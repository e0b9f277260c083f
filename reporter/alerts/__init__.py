"""After a run: operators, and they alone, learn of trouble by mail and through services, and that runs take place."""
