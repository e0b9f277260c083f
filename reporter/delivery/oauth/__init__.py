"""OAuth token sources for logins without a password: one file for each kind of source, behind one protocol."""
