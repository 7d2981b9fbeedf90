"""the index of states by their end holds their begin, too"""

from __future__ import annotations

from alembic import op


revision = '0046'
down_revision = '0045'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('agent_stint', schema=None) as batch_op:
        batch_op.drop_index('ix_stint_ended')
        batch_op.create_index('ix_stint_ended', ['agent', 'ended_at', 'began_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('agent_stint', schema=None) as batch_op:
        batch_op.drop_index('ix_stint_ended')
        batch_op.create_index('ix_stint_ended', ['agent', 'ended_at'], unique=False)
