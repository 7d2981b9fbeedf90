"""Wallboards and their screens"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('wallboard',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('changed_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=16), nullable=False),
    sa.Column('removed_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('board_screen',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('board_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('networks', sa.JSON(), nullable=False),
    sa.Column('created_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=16), nullable=False),
    sa.Column('seen_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('seen_from', sa.String(length=45), nullable=False),
    sa.Column('revoked_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['board_id'], ['wallboard.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('digest')
    )
    with op.batch_alter_table('board_screen', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_board_screen_board_id'), ['board_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('board_screen', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_board_screen_board_id'))

    op.drop_table('board_screen')
    op.drop_table('wallboard')
