"""Callbacks and voice messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('callback',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('since', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('booked_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('tried', sa.Integer(), nullable=False),
    sa.Column('due_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('result', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('callback', schema=None) as batch_op:
        batch_op.create_index('ix_callback_open', ['result', 'since'], unique=False)
        batch_op.create_index(batch_op.f('ix_callback_contact_id'), ['contact_id'], unique=False)
    op.create_table('voice_message',
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('caller', sa.String(length=20), nullable=False),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.Column('left_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('done_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('contact_id')
    )
    with op.batch_alter_table('voice_message', schema=None) as batch_op:
        batch_op.create_index('ix_voice_message_open', ['done_at', 'left_at'], unique=False)


def downgrade() -> None:
    op.drop_table('voice_message')
    op.drop_table('callback')
