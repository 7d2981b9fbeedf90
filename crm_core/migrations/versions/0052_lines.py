"""trunks to carriers, and published numbers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0052'
down_revision = '0051'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('published_number',
    sa.Column('number', sa.String(length=15), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('trunks', sa.JSON(), nullable=False),
    sa.Column('brand', sa.String(length=40), nullable=False),
    sa.Column('menu', sa.String(length=40), nullable=False),
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('in_use', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('number')
    )
    op.create_table('trunk',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('host', sa.String(length=253), nullable=False),
    sa.Column('port', sa.Integer(), nullable=False),
    sa.Column('transport', sa.String(length=4), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('codecs', sa.JSON(), nullable=False),
    sa.Column('dtmf', sa.String(length=8), nullable=False),
    sa.Column('caller_id', sa.String(length=4), nullable=False),
    sa.Column('sources', sa.JSON(), nullable=False),
    sa.Column('number_form', sa.String(length=8), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('in_use', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade() -> None:
    op.drop_table('trunk')
    op.drop_table('published_number')
