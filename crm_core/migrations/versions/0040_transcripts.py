"""What was said in recorded talks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db
from crm_core.transcripts import index


revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('transcript',
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('urgency', sa.Integer(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('failure', sa.String(length=300), nullable=False),
    sa.Column('engine', sa.String(length=60), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=True),
    sa.Column('made_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('customer_seconds', sa.Double(), nullable=False),
    sa.Column('agent_seconds', sa.Double(), nullable=False),
    sa.Column('silence_seconds', sa.Double(), nullable=False),
    sa.Column('interruptions', sa.Integer(), nullable=False),
    sa.Column('moments', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recording.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('recording_id')
    )
    with op.batch_alter_table('transcript', schema=None) as batch_op:
        batch_op.create_index('ix_transcript_queue', ['status', 'urgency', 'recording_id'], unique=False)

    op.create_table('transcript_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(length=8), nullable=False),
    sa.Column('began', sa.Double(), nullable=False),
    sa.Column('ended', sa.Double(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('words', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['transcript.recording_id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('transcript_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_transcript_line_recording_id'), ['recording_id'], unique=False)

    op.create_table('transcript_text',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(length=8), nullable=False),
    sa.Column('tags', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['transcript.recording_id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('transcript_text', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_transcript_text_recording_id'), ['recording_id'], unique=False)

    op.create_table('transcript_hit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.String(length=40), nullable=False),
    sa.Column('word', sa.String(length=60), nullable=False),
    sa.Column('at', sa.Double(), nullable=False),
    sa.Column('side', sa.String(length=8), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['line_id'], ['transcript_line.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['recording_id'], ['transcript.recording_id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('transcript_hit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_transcript_hit_line_id'), ['line_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_transcript_hit_recording_id'), ['recording_id'], unique=False)
        batch_op.create_index('ix_transcript_hit_topic', ['topic', 'recording_id'], unique=False)

    with op.batch_alter_table('recording', schema=None) as batch_op:
        batch_op.create_index('ix_recording_started', ['started_at', 'id'], unique=False)

    statements = index.SQLITE if op.get_bind().dialect.name == 'sqlite' else index.POSTGRESQL
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for statement in index.SQLITE_GONE:
            op.execute(statement)
    op.drop_index('ix_recording_started', table_name='recording')
    op.drop_table('transcript_hit')
    op.drop_table('transcript_text')
    op.drop_table('transcript_line')
    op.drop_table('transcript')
