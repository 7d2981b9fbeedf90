"""Alembic's entry: runs on the connection that `crm_core.migrate` hands over."""

from __future__ import annotations

from alembic import context

from crm_core.tables import METADATA, described

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite cannot alter most columns: Alembic then copies the table.
    render_as_batch=True,
    compare_type=True,
    include_name=described,
)
with context.begin_transaction():
    context.run_migrations()
