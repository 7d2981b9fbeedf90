"""Rules of cases"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('case_rules',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('case_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=16), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('clock', sa.String(length=20), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('read_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('case_notice', schema=None) as batch_op:
        batch_op.create_index('ix_case_notice', ['number', 'read_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_notice_case_id'), ['case_id'], unique=False)

    op.create_table('rescue_run',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('road', sa.String(length=120), nullable=False),
    sa.Column('km', sa.String(length=20), nullable=False),
    sa.Column('landmark', sa.String(length=120), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=True),
    sa.Column('longitude', sa.Double(), nullable=True),
    sa.Column('station_id', sa.Integer(), nullable=True),
    sa.Column('truck', sa.String(length=60), nullable=False),
    sa.Column('eta_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['station_id'], ['dealer.id']),
    sa.PrimaryKeyConstraint('case_id')
    )
    with op.batch_alter_table('rescue_run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rescue_run_station_id'), ['station_id'], unique=False)

    with op.batch_alter_table('case_file', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contact_by', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('contacted_at', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('support', sa.String(length=10), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('form_version', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('told', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('why_owner', sa.String(length=120), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('case_file', schema=None) as batch_op:
        for name in ('why_owner', 'told', 'form_version', 'support', 'contacted_at', 'contact_by'):
            batch_op.drop_column(name)

    with op.batch_alter_table('rescue_run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rescue_run_station_id'))

    op.drop_table('rescue_run')
    with op.batch_alter_table('case_notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_notice_case_id'))
        batch_op.drop_index('ix_case_notice')

    op.drop_table('case_notice')
    op.drop_table('case_rules')
