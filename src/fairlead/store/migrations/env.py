"""Runs migrations on the connection that `store.schema` hands over, inside its transaction.

Not here: opening databases, and settings; there is no `alembic.ini`.
"""

from alembic import context

from fairlead.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
