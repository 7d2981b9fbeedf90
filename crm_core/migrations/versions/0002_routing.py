"""Why an agent was chosen, and calls that change hands"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The defaults are for the legs that are there already.
    with op.batch_alter_table('leg', schema=None) as batch_op:
        batch_op.add_column(sa.Column('verdicts', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('needed_level', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('others', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('kind', sa.String(length=10), nullable=False, server_default='agent'))
        batch_op.add_column(sa.Column('party', sa.String(length=40), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('leg', schema=None) as batch_op:
        for name in ('party', 'kind', 'others', 'needed_level', 'verdicts'):
            batch_op.drop_column(name)
