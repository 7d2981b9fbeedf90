"""Care rules"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('care_task', schema=None) as batch_op:
        batch_op.add_column(sa.Column('channel', sa.String(length=8), server_default='phone', nullable=False))
        batch_op.add_column(sa.Column('planned_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('fixed', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('entry_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_care_task_entry_id'), ['entry_id'], unique=False)
        batch_op.create_foreign_key(
            'fk_care_task_entry', 'campaign_entry', ['entry_id'], ['id'], ondelete='SET NULL'
        )
    op.execute("UPDATE care_task SET channel = 'post' WHERE kind IN ('birthday', 'new_year')")


def downgrade() -> None:
    with op.batch_alter_table('care_task', schema=None) as batch_op:
        batch_op.drop_constraint('fk_care_task_entry', type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_care_task_entry_id'))
        batch_op.drop_column('entry_id')
        batch_op.drop_column('fixed')
        batch_op.drop_column('planned_on')
        batch_op.drop_column('channel')
