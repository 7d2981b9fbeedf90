"""Where everybody on an imported list of leads agreed to be called"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('data_import', schema=None) as batch_op:
        batch_op.add_column(sa.Column('consent', sa.String(length=120), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('data_import', schema=None) as batch_op:
        batch_op.drop_column('consent')
