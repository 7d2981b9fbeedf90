"""Voice messages as work"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0022'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('work_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=16), nullable=False),
    sa.Column('about', sa.String(length=10), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('read_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('work_notice', schema=None) as batch_op:
        batch_op.create_index('ix_work_notice', ['number', 'read_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_work_notice_subject'), ['subject'], unique=False)

    op.create_table('message_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['voice_message.contact_id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('message_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_step_contact_id'), ['contact_id'], unique=False)

    with op.batch_alter_table('voice_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('topic', sa.String(length=20), server_default='', nullable=False))
        batch_op.add_column(sa.Column('due_at', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('owner', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('offered_to', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('offered_until', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('result', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('note', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('told', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('found', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('text_state', sa.String(length=12), server_default='', nullable=False))
        batch_op.add_column(sa.Column('heard', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('heard_by', sa.String(length=60), server_default='', nullable=False))
        batch_op.add_column(sa.Column('text', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('text_by', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('text_at', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_voice_message_owner'), ['owner'], unique=False)
        batch_op.create_index('ix_voice_message_text', ['text_state', 'left_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('voice_message', schema=None) as batch_op:
        batch_op.drop_index('ix_voice_message_text')
        batch_op.drop_index(batch_op.f('ix_voice_message_owner'))
        batch_op.drop_column('text_at')
        batch_op.drop_column('text_by')
        batch_op.drop_column('text')
        batch_op.drop_column('heard_by')
        batch_op.drop_column('heard')
        batch_op.drop_column('text_state')
        batch_op.drop_column('found')
        batch_op.drop_column('told')
        batch_op.drop_column('note')
        batch_op.drop_column('result')
        batch_op.drop_column('offered_until')
        batch_op.drop_column('offered_to')
        batch_op.drop_column('owner')
        batch_op.drop_column('due_at')
        batch_op.drop_column('topic')

    with op.batch_alter_table('message_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_step_contact_id'))

    op.drop_table('message_step')
    with op.batch_alter_table('work_notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_work_notice_subject'))
        batch_op.drop_index('ix_work_notice')

    op.drop_table('work_notice')
