"""Texts of comments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('questionnaire_answer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('text_state', sa.String(length=8), server_default='', nullable=False))
        batch_op.create_index('ix_questionnaire_answer_text', ['text_state', 'at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('questionnaire_answer', schema=None) as batch_op:
        batch_op.drop_index('ix_questionnaire_answer_text')
        batch_op.drop_column('text_state')
