"""Migrations of the ledger's schema from earlier versions to this one."""
