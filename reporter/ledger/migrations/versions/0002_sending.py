"""Name the state of a message that is being sent as all output does."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Replace the former name in deliveries and in their history."""
    for table in ("deliveries", "events"):
        op.execute(f"UPDATE {table} SET state = 'sending' WHERE state = 'committing'")  # noqa: S608 - constants
