"""The Alembic environment: run the migrations in the connection and transaction that `database` provides."""

from alembic import context

from reporter.ledger.database_schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
