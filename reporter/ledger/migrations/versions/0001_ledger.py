"""Create the ledger's first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the ledger's first tables."""
    op.create_table(
        "ledgers",
        sa.Column("identity", sa.String(32), primary_key=True),
        sa.Column("made_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("process", sa.Integer, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("organization_id", sa.Text, nullable=False),
        sa.Column("organization", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(32), sa.ForeignKey("runs.id", name="fk_deliveries_owner")),
        sa.Column("lease_until", _MOMENT),
        sa.Column("next_try", _MOMENT),
        sa.Column("message_id", sa.Text),
        sa.Column("file", sa.Text),
        sa.Column("sha256", sa.String(64)),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("planned_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.UniqueConstraint(
            "purpose", "organization_id", "period", "label", "recipient", "revision", name="uq_deliveries"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "delivery_id",
            sa.Integer,
            sa.ForeignKey("deliveries.id", name="fk_events_delivery_id"),
            nullable=False,
        ),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("ix_events_delivery_id", "events", ["delivery_id"])
    op.create_table(
        "schedules",
        sa.Column("organization", sa.Text, primary_key=True),
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("organization_id", sa.Text),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("settled_until", _MOMENT, nullable=False),
    )
