"""Responses that other systems tell"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'media_response',
        sa.Column('source', sa.String(length=10), nullable=False),
        sa.Column('minute', crm_core.db.UtcTime(timezone=True), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('source', 'minute')
    )


def downgrade() -> None:
    op.drop_table('media_response')
