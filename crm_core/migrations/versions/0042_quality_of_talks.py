"""quality of talks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('quality_form',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name_zh', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('published', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.String(length=16), nullable=False),
    sa.Column('created_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('archived_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('quality_form_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('form_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('saved_by', sa.String(length=16), nullable=False),
    sa.Column('saved_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('published_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['form_id'], ['quality_form.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('form_id', 'number', name='uq_quality_form_version')
    )
    op.create_table('quality_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('form_id', sa.Integer(), nullable=False),
    sa.Column('seed', sa.String(length=32), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.Column('threshold', sa.Double(), nullable=False),
    sa.Column('shortest', sa.Double(), nullable=False),
    sa.Column('queues', sa.JSON(), nullable=False),
    sa.Column('topics', sa.JSON(), nullable=False),
    sa.Column('reviewers', sa.JSON(), nullable=False),
    sa.Column('second_percent', sa.Integer(), nullable=False),
    sa.Column('due_days', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('saved_by', sa.String(length=16), nullable=False),
    sa.Column('saved_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('drawn_until', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('removed_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['form_id'], ['quality_form.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('quality_draw',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rule_id', sa.Integer(), nullable=True),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('agent', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('form_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.String(length=10), nullable=False),
    sa.Column('ticket', sa.String(length=16), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('of', sa.Integer(), nullable=False),
    sa.Column('found', sa.String(length=120), nullable=False),
    sa.Column('second', sa.Boolean(), nullable=False),
    sa.Column('reviewer', sa.String(length=16), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('drawn_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('due_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=6), nullable=False),
    sa.ForeignKeyConstraint(['form_id'], ['quality_form.id'], ),
    sa.ForeignKeyConstraint(['recording_id'], ['recording.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['rule_id'], ['quality_rule.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('rule_id', 'recording_id', 'second', name='uq_quality_draw')
    )
    with op.batch_alter_table('quality_draw', schema=None) as batch_op:
        batch_op.create_index('ix_quality_draw_open', ['state', 'reviewer', 'due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_quality_draw_recording_id'), ['recording_id'], unique=False)

    op.create_table('quality_review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('agent', sa.String(length=16), nullable=False),
    sa.Column('team', sa.String(length=40), nullable=False),
    sa.Column('talk_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('form_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('reviewer', sa.String(length=16), nullable=False),
    sa.Column('second', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('marks', sa.JSON(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('tenths', sa.Integer(), nullable=True),
    sa.Column('began_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('saved_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('submitted_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('seen_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('answer_until', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answered_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.String(length=16), nullable=False),
    sa.Column('decided_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('first_tenths', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['form_id'], ['quality_form.id'], ),
    sa.ForeignKeyConstraint(['recording_id'], ['recording.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('recording_id', 'reviewer', name='uq_quality_review')
    )
    with op.batch_alter_table('quality_review', schema=None) as batch_op:
        batch_op.create_index('ix_quality_review_agent', ['agent', 'talk_at'], unique=False)
        batch_op.create_index('ix_quality_review_by', ['reviewer', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_quality_review_contact_id'), ['contact_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_quality_review_submitted_at'), ['submitted_at'], unique=False)
        batch_op.create_index('ix_quality_review_talk', ['talk_at'], unique=False)

    op.create_table('quality_coaching',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agent', sa.String(length=16), nullable=False),
    sa.Column('review_id', sa.Integer(), nullable=True),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('follow_up_on', sa.Date(), nullable=True),
    sa.Column('made_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('seen_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('done_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.String(length=16), nullable=False),
    sa.Column('result', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['quality_review.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('quality_coaching', schema=None) as batch_op:
        batch_op.create_index('ix_quality_coaching_agent', ['agent', 'made_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_quality_coaching_by'), ['by'], unique=False)

    op.create_table('quality_excerpt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recording_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('began', sa.Double(), nullable=False),
    sa.Column('ended', sa.Double(), nullable=False),
    sa.Column('hushed', sa.JSON(), nullable=False),
    sa.Column('audience', sa.String(length=10), nullable=False),
    sa.Column('made_by', sa.String(length=16), nullable=False),
    sa.Column('made_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recording.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('quality_excerpt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quality_excerpt_made_at'), ['made_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_quality_excerpt_recording_id'), ['recording_id'], unique=False)


def downgrade() -> None:
    for table in ('quality_excerpt', 'quality_coaching', 'quality_review', 'quality_draw', 'quality_rule', 'quality_form_version', 'quality_form'):
        op.drop_table(table)
