"""What Alembic runs: the migrations, over the connection and inside the transaction that `database` gives."""

from alembic import context

from reporter.ledger.database_schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
