"""What alembic runs: the migrations, on the connection it was handed."""

from alembic import context

from bot.adapters.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
