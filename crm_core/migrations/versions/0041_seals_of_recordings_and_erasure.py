"""seals of recordings, their keys and checks; customers' wishes and requests for erasure"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.add_column(sa.Column('place', sa.String(length=8), server_default='', nullable=False))
        batch_op.add_column(sa.Column('sha256', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('bytes', sa.BigInteger(), server_default='0', nullable=False))

    op.create_table('recording_seal',
    sa.Column('n', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('file', sa.String(length=200), nullable=False),
    sa.Column('place', sa.String(length=8), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('plain_sha256', sa.String(length=64), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('replaces', sa.String(length=64), nullable=False),
    sa.Column('sealed_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('n')
    )
    op.create_index('ix_recording_seal_recording_id', 'recording_seal', ['recording_id'], unique=False)
    op.create_table('recording_seal_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('recording_leaving',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('file', sa.String(length=200), nullable=False),
    sa.Column('place', sa.String(length=8), nullable=False),
    sa.Column('since', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('recording_key',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('key_id', sa.String(length=16), nullable=False),
    sa.Column('wrapped', sa.String(length=160), nullable=False),
    sa.Column('made_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_index('ix_recording_key_key_id', 'recording_key', ['key_id'], unique=False)
    op.create_table('recording_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('began_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('ended_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('seals', sa.Integer(), nullable=False),
    sa.Column('files', sa.Integer(), nullable=False),
    sa.Column('read', sa.Integer(), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('recording_check_finding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('check_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=True),
    sa.Column('told', sa.String(length=300), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_recording_check_finding_check_id', 'recording_check_finding', ['check_id'], unique=False)
    op.create_table('recording_wish',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('customer_id')
    )
    op.create_table('erasure_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('why', sa.String(length=200), nullable=False),
    sa.Column('asked_by', sa.String(length=16), nullable=False),
    sa.Column('asked_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('how', sa.String(length=8), nullable=False),
    sa.Column('confirmed_by', sa.String(length=16), nullable=False),
    sa.Column('confirmed_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('erased', sa.Integer(), nullable=False),
    sa.Column('stayed', sa.Integer(), nullable=False),
    sa.Column('proof', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_erasure_request_asked_at', 'erasure_request', ['asked_at'], unique=False)
    op.create_index('ix_erasure_request_customer_id', 'erasure_request', ['customer_id'], unique=False)
    op.create_index('ix_erasure_request_state', 'erasure_request', ['state'], unique=False)
    op.create_table('erasure_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('result', sa.String(length=8), nullable=False),
    sa.Column('why', sa.String(length=8), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['request_id'], ['erasure_request.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_erasure_item_open', 'erasure_item', ['request_id', 'result', 'id'], unique=False)


def downgrade() -> None:
    for table in (
        'erasure_item', 'erasure_request', 'recording_wish', 'recording_check_finding', 'recording_check',
        'recording_key', 'recording_leaving', 'recording_seal_head', 'recording_seal',
    ):
        op.drop_table(table)
    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.drop_column('bytes')
        batch_op.drop_column('sha256')
        batch_op.drop_column('place')
