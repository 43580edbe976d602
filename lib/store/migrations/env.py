"""Runs migrations on the connection that lib/store/engine.py gives."""

from alembic import context

from lib.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
