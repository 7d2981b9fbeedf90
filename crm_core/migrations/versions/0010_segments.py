"""Classes and segments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('customer_worth',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('gender', sa.String(length=8), nullable=False),
    sa.Column('birth_year', sa.SmallInteger(), nullable=True),
    sa.Column('city', sa.String(length=40), nullable=False),
    sa.Column('dealer_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('known_since', sa.Date(), nullable=False),
    sa.Column('recency_on', sa.Date(), nullable=True),
    sa.Column('recency_by', sa.String(length=8), nullable=False),
    sa.Column('contacts', sa.Integer(), nullable=False),
    sa.Column('visits', sa.Integer(), nullable=False),
    sa.Column('last_contact_on', sa.Date(), nullable=True),
    sa.Column('last_visit_on', sa.Date(), nullable=True),
    sa.Column('last_purchase_on', sa.Date(), nullable=True),
    sa.Column('open_complaints', sa.SmallInteger(), nullable=False),
    sa.Column('worst_rating', sa.SmallInteger(), nullable=True),
    sa.Column('refused', sa.Boolean(), nullable=False),
    sa.Column('competitor', sa.Boolean(), nullable=False),
    sa.Column('horizon', sa.String(length=6), nullable=False),
    sa.Column('vehicles', sa.Integer(), nullable=False),
    sa.Column('vehicles_3y', sa.Integer(), nullable=False),
    sa.Column('vehicles_any_3y', sa.Integer(), nullable=False),
    sa.Column('cars', sa.Integer(), nullable=False),
    sa.Column('value_yuan', sa.Integer(), nullable=False),
    sa.Column('service_yuan', sa.Integer(), nullable=False),
    sa.Column('referrals', sa.Integer(), nullable=False),
    sa.Column('expected_yuan', sa.Integer(), nullable=False),
    sa.Column('service_due_on', sa.Date(), nullable=True),
    sa.Column('warranty_until', sa.Date(), nullable=True),
    sa.Column('replacement_on', sa.Date(), nullable=True),
    sa.Column('next_need', sa.String(length=12), nullable=False),
    sa.Column('next_need_on', sa.Date(), nullable=True),
    sa.Column('customer_class', sa.String(length=16), nullable=False),
    sa.Column('manual', sa.Boolean(), nullable=False),
    sa.Column('life_cycle_stage', sa.String(length=16), nullable=False),
    sa.Column('stage_since', sa.Date(), nullable=True),
    sa.Column('churn_risk', sa.String(length=8), nullable=False),
    sa.Column('churn_score', sa.SmallInteger(), nullable=False),
    sa.Column('dormant', sa.Boolean(), nullable=False),
    sa.Column('recency_rank', sa.SmallInteger(), nullable=False),
    sa.Column('frequency_rank', sa.SmallInteger(), nullable=False),
    sa.Column('value_rank', sa.SmallInteger(), nullable=False),
    sa.Column('computed_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('customer_id')
    )
    with op.batch_alter_table('customer_worth', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_worth_dealer_id'), ['dealer_id'], unique=False)

    op.create_table('worth_reason',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('class_reasons', sa.JSON(), nullable=False),
    sa.Column('stage_reasons', sa.JSON(), nullable=False),
    sa.Column('churn_reasons', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('customer_id')
    )

    op.create_table('manual_class',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('customer_class', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=80), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('customer_id')
    )

    op.create_table('fleet_purchase',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('bought_on', sa.Date(), nullable=False),
    sa.Column('vehicles', sa.Integer(), nullable=False),
    sa.Column('amount_yuan', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=40), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('fleet_purchase', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_fleet_purchase_customer_id'), ['customer_id'], unique=False)

    op.create_table('worth_rules',
    sa.Column('name', sa.String(length=12), nullable=False),
    sa.Column('state', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )

    op.create_table('worth_cuts',
    sa.Column('measure', sa.String(length=10), nullable=False),
    sa.Column('cuts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('measure')
    )

    op.create_table('worth_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('phase', sa.String(length=10), nullable=False),
    sa.Column('after_id', sa.Integer(), nullable=False),
    sa.Column('customers', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('started_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('finished_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )

    op.create_table('worth_count',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('measure', sa.String(length=8), nullable=False),
    sa.Column('word', sa.String(length=16), nullable=False),
    sa.Column('customers', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'measure', 'word')
    )

    op.create_table('worth_position',
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('last_id', sa.Integer(), nullable=False),
    sa.Column('last_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('source')
    )

    op.create_table('segment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('dimension', sa.String(length=10), nullable=False),
    sa.Column('ready', sa.String(length=16), nullable=False),
    sa.Column('definition', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('created_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('changed_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('removed_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('counted_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )

    op.create_table('segment_member',
    sa.Column('segment_id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('entered_on', sa.Date(), nullable=True),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['segment_id'], ['segment.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('segment_id', 'customer_id')
    )
    with op.batch_alter_table('segment_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_segment_member_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index('ix_segment_member_day', ['segment_id', 'left_on', 'entered_on'], unique=False)

    op.create_table('segment_count',
    sa.Column('segment_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('members', sa.Integer(), nullable=False),
    sa.Column('entered', sa.Integer(), nullable=False),
    sa.Column('left', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['segment_id'], ['segment.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('segment_id', 'day')
    )


def downgrade() -> None:
    op.drop_table('segment_count')
    op.drop_table('segment_member')
    op.drop_table('segment')
    op.drop_table('worth_position')
    op.drop_table('worth_count')
    op.drop_table('worth_run')
    op.drop_table('worth_cuts')
    op.drop_table('worth_rules')
    op.drop_table('fleet_purchase')
    op.drop_table('manual_class')
    op.drop_table('worth_reason')
    op.drop_table('customer_worth')
