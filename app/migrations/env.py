"""Run by Alembic: on the connection that `app.migrations.upgrade` opened."""

from alembic import context

from app.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
