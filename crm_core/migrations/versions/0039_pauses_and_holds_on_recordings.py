"""Pauses and holds on recordings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recording_mark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('began_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('ended_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('by', sa.String(length=40), nullable=False),
    sa.Column('why', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recording.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('recording_mark', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recording_mark_recording_id'), ['recording_id'], unique=False)

    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.add_column(sa.Column('why', sa.String(length=12), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.drop_column('why')

    with op.batch_alter_table('recording_mark', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recording_mark_recording_id'))

    op.drop_table('recording_mark')
