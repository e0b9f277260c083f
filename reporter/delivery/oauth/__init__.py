"""Where the token of a login without a password comes from: one file for each kind of source, behind one protocol."""
