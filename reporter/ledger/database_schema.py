"""The ledger's tables, for both SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An instant in UTC; SQLite, which has no time zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant in UTC, as the database expects it."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the library's
        """The instant as an aware datetime in UTC."""
        return value if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


METADATA = MetaData(
    naming_convention={
        "uq": "uq_%(table_name)s",
        "ix": "ix_%(column_0_label)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

VERSIONS = Table(
    "alembic_version",
    METADATA,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""One row: the version of the tables, as Alembic records it."""

LEDGERS = Table(
    "ledgers",
    METADATA,
    Column("identity", String(32), primary_key=True),
    Column("made_at", Instant, nullable=False),
)
"""One row: this ledger's identity, and when it was created."""

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("host", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("purpose", String(8), nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("organization", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reason", Text),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("token", Integer, nullable=False, default=0),
    Column("owner", String(32), ForeignKey("runs.id")),
    Column("lease_until", Instant),
    Column("next_try", Instant),
    Column("message_id", Text),
    Column("file", Text),
    Column("sha256", String(64)),
    Column("reply", Text, nullable=False, default=""),
    Column("planned_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("purpose", "organization_id", "period", "label", "recipient", "revision"),
    Index("ix_deliveries_state", "state"),
    sqlite_autoincrement=True,
)
"""One row for each purpose, organization, period, window, recipient, and revision."""

EVENTS = Table(
    "events",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("run", String(32), nullable=False),
    Column("state", String(12), nullable=False),
    Column("note", Text, nullable=False, default=""),
)
"""Every state that a delivery ever had, in order; rows are never changed or removed."""

SCHEDULES = Table(
    "schedules",
    METADATA,
    Column("organization", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("organization_id", Text),
    Column("since", Instant, nullable=False),
    Column("settled_until", Instant, nullable=False),
)
"""One row for each scheduled report, named as in the configuration."""
