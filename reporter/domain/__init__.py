"""Values shared by all packages: windows, organizations, snapshots, report data, mailboxes, and errors. Pure."""
