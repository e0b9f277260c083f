"""Values that every part shares: windows, organizations, snapshots, report data, mailboxes, and errors. Pure."""
