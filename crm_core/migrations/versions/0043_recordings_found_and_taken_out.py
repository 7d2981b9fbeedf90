"""Recordings found in a list, shared, and taken out as evidence"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None

_INDEXES = (
    ('ix_recording_agent', ['agent']),
    ('ix_recording_queue', ['queue']),
    ('ix_recording_direction', ['direction']),
    ('ix_recording_state', ['status']),
)


def upgrade() -> None:
    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.add_column(sa.Column('queue', sa.String(length=40), server_default='', nullable=False))
        batch_op.add_column(sa.Column('direction', sa.String(length=10), server_default='', nullable=False))
    op.execute(
        "UPDATE recording SET"
        " direction = coalesce((SELECT c.direction FROM contact c WHERE c.id = recording.contact_id), ''),"
        " queue = coalesce((SELECT nullif(l.queue, '') FROM leg l WHERE l.id = recording.leg_id),"
        " (SELECT c.queue FROM contact c WHERE c.id = recording.contact_id), '')"
    )
    with op.batch_alter_table('recording', schema=None) as batch_op:
        for name, columns in _INDEXES:
            batch_op.create_index(name, [*columns, 'started_at', 'id'], unique=False)

    op.create_table('recording_share',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('person', sa.String(length=16), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('why', sa.String(length=200), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('until', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('revoked_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['recording_id'], ['recording.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('recording_share', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recording_share_recording_id'), ['recording_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_recording_share_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_recording_share_person', ['person', 'until'], unique=False)

    op.create_table('evidence_package',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('recordings', sa.JSON(), nullable=False),
    sa.Column('why', sa.String(length=200), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('share', sa.Double(), nullable=False),
    sa.Column('taken_until', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('file', sa.String(length=100), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('fingerprint', sa.String(length=100), nullable=False),
    sa.Column('ended_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('failure', sa.String(length=300), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('evidence_package', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_package_recording_id'), ['recording_id'], unique=False)
        batch_op.create_index('ix_evidence_package_state', ['state', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('evidence_package')
    op.drop_table('recording_share')
    with op.batch_alter_table('recording', schema=None) as batch_op:
        for name, _columns in _INDEXES:
            batch_op.drop_index(name)
        batch_op.drop_column('direction')
        batch_op.drop_column('queue')
