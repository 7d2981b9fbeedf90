"""Transfers, consults and supervision"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The defaults are for the legs that are there already.
    with op.batch_alter_table('leg', schema=None) as batch_op:
        batch_op.add_column(sa.Column('consulted_at', crm_core.db.UtcTime(), nullable=True))
        batch_op.add_column(sa.Column('consult_seconds', sa.Double(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('given_to', sa.String(length=60), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('leg', schema=None) as batch_op:
        for name in ('given_to', 'consult_seconds', 'consulted_at'):
            batch_op.drop_column(name)
