"""states that still last are found without the others"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None


def upgrade() -> None:
    still = sa.text('ended_at IS NULL')
    with op.batch_alter_table('agent_stint', schema=None) as batch_op:
        batch_op.create_index(
            'ix_stint_open', ['began_at'], unique=False, postgresql_where=still, sqlite_where=still
        )


def downgrade() -> None:
    with op.batch_alter_table('agent_stint', schema=None) as batch_op:
        batch_op.drop_index('ix_stint_open')
