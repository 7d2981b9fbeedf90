"""who leads, and whose the position of the history is"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import crm_core.db


revision = '0048'
down_revision = '0047'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'telephony_lead',
        sa.Column('name', sa.String(length=20), nullable=False),
        sa.Column('epoch', sa.BigInteger(), nullable=False),
        sa.Column('holder', sa.String(length=120), nullable=False),
        sa.Column('until', crm_core.db.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('name'),
    )
    with op.batch_alter_table('feed_position', schema=None) as batch_op:
        batch_op.add_column(sa.Column('epoch', sa.BigInteger(), nullable=False, server_default='0'))


def downgrade() -> None:
    with op.batch_alter_table('feed_position', schema=None) as batch_op:
        batch_op.drop_column('epoch')
    op.drop_table('telephony_lead')
