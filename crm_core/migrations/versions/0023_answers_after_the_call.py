"""Answers after the call"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0023'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('survey_round',
    sa.Column('leg_id', sa.String(length=64), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('agent', sa.String(length=16), nullable=False),
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('offered_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('result', sa.String(length=12), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('leg_id')
    )
    with op.batch_alter_table('survey_round', schema=None) as batch_op:
        batch_op.create_index('ix_survey_round_agent', ['agent', 'offered_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_survey_round_contact_id'), ['contact_id'], unique=False)
        batch_op.create_index('ix_survey_round_queue', ['queue', 'offered_at'], unique=False)

    op.create_table('survey_score',
    sa.Column('leg_id', sa.String(length=64), nullable=False),
    sa.Column('question', sa.String(length=12), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('agent', sa.String(length=16), nullable=False),
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('alarm_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('low', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['leg_id'], ['survey_round.leg_id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('leg_id', 'question')
    )
    with op.batch_alter_table('survey_score', schema=None) as batch_op:
        batch_op.create_index('ix_survey_score', ['agent', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_survey_score_contact_id'), ['contact_id'], unique=False)
        batch_op.create_index('ix_survey_score_new', ['alarm_at', 'at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('survey_score', schema=None) as batch_op:
        batch_op.drop_index('ix_survey_score_new')
        batch_op.drop_index(batch_op.f('ix_survey_score_contact_id'))
        batch_op.drop_index('ix_survey_score')

    op.drop_table('survey_score')
    with op.batch_alter_table('survey_round', schema=None) as batch_op:
        batch_op.drop_index('ix_survey_round_queue')
        batch_op.drop_index(batch_op.f('ix_survey_round_contact_id'))
        batch_op.drop_index('ix_survey_round_agent')

    op.drop_table('survey_round')
