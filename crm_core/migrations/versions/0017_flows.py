"""Flows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0017'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('flow',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('published', sa.Integer(), nullable=False),
    sa.Column('changes', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('flow_test',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('flow', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('case', sa.JSON(), nullable=False),
    sa.Column('author', sa.String(length=16), nullable=False),
    sa.Column('saved_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['flow'], ['flow.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('flow', 'name')
    )
    op.create_table('flow_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('flow', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('author', sa.String(length=16), nullable=False),
    sa.Column('saved_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('published_by', sa.String(length=16), nullable=False),
    sa.Column('published_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['flow'], ['flow.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('flow', 'number')
    )
    op.create_table('menu_visit',
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('flow', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('node', sa.String(length=40), nullable=False),
    sa.Column('by', sa.String(length=40), nullable=False),
    sa.Column('entered_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('hung_up', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('contact_id', 'number')
    )
    with op.batch_alter_table('menu_visit', schema=None) as batch_op:
        batch_op.create_index('ix_menu_visit_flow', ['flow', 'version', 'entered_at'], unique=False)

    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.add_column(sa.Column('menu_flow', sa.String(length=40), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('menu_version', sa.Integer(), nullable=False, server_default='0'))



def downgrade() -> None:
    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.drop_column('menu_version')
        batch_op.drop_column('menu_flow')

    with op.batch_alter_table('menu_visit', schema=None) as batch_op:
        batch_op.drop_index('ix_menu_visit_flow')

    op.drop_table('menu_visit')
    op.drop_table('flow_version')
    op.drop_table('flow_test')
    op.drop_table('flow')
