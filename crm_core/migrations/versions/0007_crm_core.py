"""The CRM core's shared tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('do_not_contact',
    sa.Column('e164', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('e164')
    )
    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('due_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('taken_until', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('given_up', sa.Boolean(), nullable=False),
    sa.Column('failure', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'key')
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_due', ['given_up', 'due_at'], unique=False)

    op.create_table('outbox_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_event_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_event_subject'), ['subject'], unique=False)

    op.create_table('stored_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('stored_file', schema=None) as batch_op:
        batch_op.create_index('ix_stored_file_subject', ['subject'], unique=False)

    op.create_table('daily_figures',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('dealer_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('visitors', sa.Integer(), nullable=False),
    sa.Column('enquiries', sa.Integer(), nullable=False),
    sa.Column('reported_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('reported_by', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('dealer_id', 'day')
    )
    with op.batch_alter_table('daily_figures', schema=None) as batch_op:
        batch_op.create_index('ix_daily_figures_day', ['day'], unique=False)

    op.create_table('consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('given', sa.Boolean(), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('words', sa.String(length=200), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index('ix_consent', ['customer_id', 'purpose', 'channel', 'at'], unique=False)

    op.create_table('customer_address',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=16), nullable=False),
    sa.Column('province', sa.String(length=40), nullable=False),
    sa.Column('city', sa.String(length=40), nullable=False),
    sa.Column('street', sa.String(length=200), nullable=False),
    sa.Column('postcode', sa.String(length=12), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('verified_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('customer_address', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_address_customer_id'), ['customer_id'], unique=False)

    op.create_table('customer_handle',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('value', sa.String(length=120), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('verified_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('customer_id', 'kind', 'value')
    )
    with op.batch_alter_table('customer_handle', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_handle_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_handle_value'), ['value'], unique=False)

    op.create_table('customer_profile',
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('income', sa.String(length=16), nullable=False),
    sa.Column('occupation', sa.String(length=40), nullable=False),
    sa.Column('education', sa.String(length=16), nullable=False),
    sa.Column('marital_status', sa.String(length=16), nullable=False),
    sa.Column('household_size', sa.Integer(), nullable=True),
    sa.Column('dwelling', sa.String(length=16), nullable=False),
    sa.Column('employees', sa.Integer(), nullable=True),
    sa.Column('annual_sales_wan', sa.Integer(), nullable=True),
    sa.Column('average_order_wan', sa.Integer(), nullable=True),
    sa.Column('annual_purchases_wan', sa.Integer(), nullable=True),
    sa.Column('value_added_wan', sa.Integer(), nullable=True),
    sa.Column('interests', sa.Text(), nullable=False),
    sa.Column('competitors', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('customer_id')
    )
    op.create_table('customer_relation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=True),
    sa.Column('relation', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('e164', sa.String(length=16), nullable=False),
    sa.Column('note', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_id'], ['customer.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('customer_relation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_relation_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_relation_e164'), ['e164'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_relation_other_id'), ['other_id'], unique=False)

    op.create_table('dealer_staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('dealer_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=40), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('skills', sa.JSON(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('dealer_staff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dealer_staff_dealer_id'), ['dealer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_dealer_staff_user_id'), ['user_id'], unique=False)

    op.create_table('delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('dealer_id', sa.Integer(), nullable=True),
    sa.Column('delivered_on', sa.Date(), nullable=False),
    sa.Column('consultant', sa.String(length=40), nullable=False),
    sa.Column('use', sa.String(length=10), nullable=False),
    sa.Column('price_yuan', sa.Integer(), nullable=False),
    sa.Column('checked_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('verified_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], ),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('vehicle_id', 'delivered_on')
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_dealer_id'), ['dealer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_vehicle_id'), ['vehicle_id'], unique=False)

    op.create_table('touch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('touch', schema=None) as batch_op:
        batch_op.create_index('ix_touch', ['customer_id', 'at'], unique=False)

    op.create_table('trade_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('dealer_id', sa.Integer(), nullable=True),
    sa.Column('old_vehicle', sa.String(length=80), nullable=False),
    sa.Column('plate', sa.String(length=10), nullable=False),
    sa.Column('mileage_km', sa.Integer(), nullable=False),
    sa.Column('offered_yuan', sa.Integer(), nullable=False),
    sa.Column('new_vehicle_id', sa.Integer(), nullable=True),
    sa.Column('traded_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], ),
    sa.ForeignKeyConstraint(['new_vehicle_id'], ['vehicle.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('trade_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_trade_in_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_trade_in_dealer_id'), ['dealer_id'], unique=False)

    op.create_table('vehicle_order',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('production_number', sa.String(length=30), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('dealer_id', sa.Integer(), nullable=True),
    sa.Column('vehicle_id', sa.Integer(), nullable=True),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('model', sa.String(length=60), nullable=False),
    sa.Column('equipment', sa.JSON(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('status_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('ordered_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('promised_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], ),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    with op.batch_alter_table('vehicle_order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_vehicle_order_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_vehicle_order_dealer_id'), ['dealer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_vehicle_order_production_number'), ['production_number'], unique=False)

    op.create_table('workshop_visit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('dealer_id', sa.Integer(), nullable=True),
    sa.Column('adviser', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('came_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('promised_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('left_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('mileage_km', sa.Integer(), nullable=False),
    sa.Column('complaint', sa.Text(), nullable=False),
    sa.Column('work_done', sa.Text(), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('cost_yuan', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], ),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    with op.batch_alter_table('workshop_visit', schema=None) as batch_op:
        batch_op.create_index('ix_workshop_customer', ['customer_id', 'came_at'], unique=False)
        batch_op.create_index('ix_workshop_dealer', ['dealer_id', 'came_at'], unique=False)
        batch_op.create_index('ix_workshop_vehicle', ['vehicle_id', 'came_at'], unique=False)

    op.create_table('care_task',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=40), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('dealer_id', sa.Integer(), nullable=True),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=80), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('done_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['dealer_staff.id'], ),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'subject', name='uq_care_task_subject')
    )
    with op.batch_alter_table('care_task', schema=None) as batch_op:
        batch_op.create_index('ix_care_task_customer', ['customer_id', 'status', 'due_on'], unique=False)
        batch_op.create_index('ix_care_task_dealer', ['dealer_id', 'status', 'due_on'], unique=False)

    op.create_table('lead',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=12), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('referred_by_id', sa.Integer(), nullable=True),
    sa.Column('model', sa.String(length=60), nullable=False),
    sa.Column('wish', sa.String(length=200), nullable=False),
    sa.Column('budget_wan', sa.Integer(), nullable=True),
    sa.Column('trade_in', sa.String(length=80), nullable=False),
    sa.Column('test_drive', sa.Boolean(), nullable=False),
    sa.Column('buy_by', sa.Date(), nullable=True),
    sa.Column('horizon', sa.String(length=6), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('dealer_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('created_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=16), nullable=False),
    sa.Column('verified_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('sent_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('feedback_due_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('feedback_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('next_step_on', sa.Date(), nullable=True),
    sa.Column('times_sent', sa.Integer(), nullable=False),
    sa.Column('closed_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('lost_reason', sa.String(length=24), nullable=False),
    sa.Column('lost_to', sa.String(length=60), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], ),
    sa.ForeignKeyConstraint(['referred_by_id'], ['customer.id'], ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['staff_id'], ['dealer_staff.id'], ),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    with op.batch_alter_table('lead', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lead_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index('ix_lead_dealer', ['dealer_id', 'status', 'feedback_due_at'], unique=False)
        batch_op.create_index('ix_lead_status', ['status', 'next_step_on'], unique=False)

    op.create_table('warranty_claim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.Column('part_code', sa.String(length=40), nullable=False),
    sa.Column('part_name', sa.String(length=60), nullable=False),
    sa.Column('fault', sa.String(length=200), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('amount_yuan', sa.Integer(), nullable=False),
    sa.Column('filed_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['visit_id'], ['workshop_visit.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('warranty_claim', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_warranty_claim_part_code'), ['part_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_warranty_claim_vehicle_id'), ['vehicle_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_warranty_claim_visit_id'), ['visit_id'], unique=False)

    op.create_table('case_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('for_dealer', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('case_event', schema=None) as batch_op:
        batch_op.create_index('ix_case_event', ['case_id', 'at'], unique=False)

    op.create_table('case_stage',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('began_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('due_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('done_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('case_stage', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_stage_case_id'), ['case_id'], unique=False)

    op.create_table('lead_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('lead_event', schema=None) as batch_op:
        batch_op.create_index('ix_lead_event', ['lead_id', 'at'], unique=False)

    op.create_table('case_contact',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('case_id', 'contact_id')
    )
    with op.batch_alter_table('case_contact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_contact_contact_id'), ['contact_id'], unique=False)

    with op.batch_alter_table('case_file', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sub_kind', sa.String(length=40), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('level', sa.String(length=10), nullable=False, server_default='normal'))
        batch_op.add_column(sa.Column('stage', sa.String(length=20), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('owner', sa.String(length=16), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('staff_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('opened_by', sa.String(length=16), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('contact_id', sa.String(length=64), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('relation', sa.String(length=16), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('fields', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('model', sa.String(length=60), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('part_code', sa.String(length=40), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('part_name', sa.String(length=60), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('respond_by', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('responded_at', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('paused_at', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('pause_reason', sa.String(length=40), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('paused_seconds', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('escalation', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('result', sa.String(length=24), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('satisfaction', sa.Integer(), nullable=True))
        batch_op.create_index('ix_case_dealer', ['dealer_id', 'closed_at', 'due_at'], unique=False)
        batch_op.create_index('ix_case_due', ['closed_at', 'due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_file_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_index('ix_case_owner', ['owner', 'closed_at', 'due_at'], unique=False)
        batch_op.create_index('ix_case_problem', ['model', 'part_code', 'opened_at'], unique=False)
        batch_op.create_foreign_key('fk_case_file_merged_into_id', 'case_file', ['merged_into_id'], ['id'])
        batch_op.create_foreign_key('fk_case_file_staff_id', 'dealer_staff', ['staff_id'], ['id'])

    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('updated_at', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('gender', sa.String(length=8), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('brand', sa.String(length=20), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('source', sa.String(length=20), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('last_contact_at', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('value_yuan', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('rfm', sa.String(length=3), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('stage_reason', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('churn_risk', sa.String(length=8), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('churn_reason', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('referrals', sa.Integer(), nullable=False, server_default='0'))
        batch_op.create_index(batch_op.f('ix_customer_last_contact_at'), ['last_contact_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_foreign_key('fk_customer_merged_into_id', 'customer', ['merged_into_id'], ['id'])

    with op.batch_alter_table('customer_phone', schema=None) as batch_op:
        batch_op.add_column(sa.Column('note', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('verified_at', crm_core.db.UtcTime(timezone=True), nullable=True))

    with op.batch_alter_table('dealer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('region', sa.String(length=20), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('services', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('week', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('rescue_phone', sa.String(length=20), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('closed_days', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('station_at', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('active', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.create_index(batch_op.f('ix_dealer_region'), ['region'], unique=False)

    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('dealer_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('region', sa.String(length=20), nullable=False, server_default=''))
        batch_op.create_index(batch_op.f('ix_user_account_dealer_id'), ['dealer_id'], unique=False)
        batch_op.create_foreign_key('fk_user_account_dealer_id', 'dealer', ['dealer_id'], ['id'])

    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', sa.String(length=12), nullable=False, server_default='sold'))
        batch_op.add_column(sa.Column('use', sa.String(length=10), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('brand', sa.String(length=20), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('colour', sa.String(length=20), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('production_number', sa.String(length=30), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('made_on', sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f('ix_vehicle_production_number'), ['production_number'], unique=False)

    op.execute(
        "UPDATE customer SET last_contact_at ="
        " (SELECT max(started_at) FROM contact WHERE contact.customer_id = customer.id)"
    )


def downgrade() -> None:
    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_vehicle_production_number'))
        batch_op.drop_column('made_on')
        batch_op.drop_column('production_number')
        batch_op.drop_column('colour')
        batch_op.drop_column('brand')
        batch_op.drop_column('use')
        batch_op.drop_column('state')

    with op.batch_alter_table('user_account', schema=None) as batch_op:
        # WARNING: constraint name is None; this directive will fail as
        # rendered.  Add a name, or use a naming convention; see
        # https://alembic.sqlalchemy.org/en/latest/naming.html
        batch_op.drop_constraint('fk_user_account_dealer_id', type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_user_account_dealer_id'))
        batch_op.drop_column('region')
        batch_op.drop_column('dealer_id')

    with op.batch_alter_table('dealer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dealer_region'))
        batch_op.drop_column('active')
        batch_op.drop_column('station_at')
        batch_op.drop_column('closed_days')
        batch_op.drop_column('rescue_phone')
        batch_op.drop_column('week')
        batch_op.drop_column('services')
        batch_op.drop_column('region')

    with op.batch_alter_table('customer_phone', schema=None) as batch_op:
        batch_op.drop_column('verified_at')
        batch_op.drop_column('note')

    with op.batch_alter_table('customer', schema=None) as batch_op:
        # WARNING: constraint name is None; this directive will fail as
        # rendered.  Add a name, or use a naming convention; see
        # https://alembic.sqlalchemy.org/en/latest/naming.html
        batch_op.drop_constraint('fk_customer_merged_into_id', type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_customer_merged_into_id'))
        batch_op.drop_index(batch_op.f('ix_customer_last_contact_at'))
        batch_op.drop_column('referrals')
        batch_op.drop_column('churn_reason')
        batch_op.drop_column('churn_risk')
        batch_op.drop_column('stage_reason')
        batch_op.drop_column('rfm')
        batch_op.drop_column('value_yuan')
        batch_op.drop_column('last_contact_at')
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('source')
        batch_op.drop_column('brand')
        batch_op.drop_column('gender')
        batch_op.drop_column('updated_at')

    with op.batch_alter_table('case_file', schema=None) as batch_op:
        # WARNING: constraint name is None; this directive will fail as
        # rendered.  Add a name, or use a naming convention; see
        # https://alembic.sqlalchemy.org/en/latest/naming.html
        batch_op.drop_constraint('fk_case_file_staff_id', type_='foreignkey')
        # WARNING: constraint name is None; this directive will fail as
        # rendered.  Add a name, or use a naming convention; see
        # https://alembic.sqlalchemy.org/en/latest/naming.html
        batch_op.drop_constraint('fk_case_file_merged_into_id', type_='foreignkey')
        batch_op.drop_index('ix_case_problem')
        batch_op.drop_index('ix_case_owner')
        batch_op.drop_index(batch_op.f('ix_case_file_merged_into_id'))
        batch_op.drop_index('ix_case_due')
        batch_op.drop_index('ix_case_dealer')
        batch_op.drop_column('satisfaction')
        batch_op.drop_column('result')
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('escalation')
        batch_op.drop_column('paused_seconds')
        batch_op.drop_column('pause_reason')
        batch_op.drop_column('paused_at')
        batch_op.drop_column('responded_at')
        batch_op.drop_column('respond_by')
        batch_op.drop_column('part_name')
        batch_op.drop_column('part_code')
        batch_op.drop_column('model')
        batch_op.drop_column('fields')
        batch_op.drop_column('relation')
        batch_op.drop_column('contact_id')
        batch_op.drop_column('opened_by')
        batch_op.drop_column('staff_id')
        batch_op.drop_column('owner')
        batch_op.drop_column('stage')
        batch_op.drop_column('level')
        batch_op.drop_column('sub_kind')

    with op.batch_alter_table('case_contact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_contact_contact_id'))

    op.drop_table('case_contact')
    with op.batch_alter_table('lead_event', schema=None) as batch_op:
        batch_op.drop_index('ix_lead_event')

    op.drop_table('lead_event')
    with op.batch_alter_table('case_stage', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_stage_case_id'))

    op.drop_table('case_stage')
    with op.batch_alter_table('case_event', schema=None) as batch_op:
        batch_op.drop_index('ix_case_event')

    op.drop_table('case_event')
    with op.batch_alter_table('warranty_claim', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_warranty_claim_visit_id'))
        batch_op.drop_index(batch_op.f('ix_warranty_claim_vehicle_id'))
        batch_op.drop_index(batch_op.f('ix_warranty_claim_part_code'))

    op.drop_table('warranty_claim')
    with op.batch_alter_table('lead', schema=None) as batch_op:
        batch_op.drop_index('ix_lead_status')
        batch_op.drop_index('ix_lead_dealer')
        batch_op.drop_index(batch_op.f('ix_lead_customer_id'))

    op.drop_table('lead')
    with op.batch_alter_table('care_task', schema=None) as batch_op:
        batch_op.drop_index('ix_care_task_dealer')
        batch_op.drop_index('ix_care_task_customer')

    op.drop_table('care_task')
    with op.batch_alter_table('workshop_visit', schema=None) as batch_op:
        batch_op.drop_index('ix_workshop_vehicle')
        batch_op.drop_index('ix_workshop_dealer')
        batch_op.drop_index('ix_workshop_customer')

    op.drop_table('workshop_visit')
    with op.batch_alter_table('vehicle_order', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_vehicle_order_production_number'))
        batch_op.drop_index(batch_op.f('ix_vehicle_order_dealer_id'))
        batch_op.drop_index(batch_op.f('ix_vehicle_order_customer_id'))

    op.drop_table('vehicle_order')
    with op.batch_alter_table('trade_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_trade_in_dealer_id'))
        batch_op.drop_index(batch_op.f('ix_trade_in_customer_id'))

    op.drop_table('trade_in')
    with op.batch_alter_table('touch', schema=None) as batch_op:
        batch_op.drop_index('ix_touch')

    op.drop_table('touch')
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_delivery_vehicle_id'))
        batch_op.drop_index(batch_op.f('ix_delivery_dealer_id'))
        batch_op.drop_index(batch_op.f('ix_delivery_customer_id'))

    op.drop_table('delivery')
    with op.batch_alter_table('dealer_staff', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dealer_staff_user_id'))
        batch_op.drop_index(batch_op.f('ix_dealer_staff_dealer_id'))

    op.drop_table('dealer_staff')
    with op.batch_alter_table('customer_relation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_relation_other_id'))
        batch_op.drop_index(batch_op.f('ix_customer_relation_e164'))
        batch_op.drop_index(batch_op.f('ix_customer_relation_customer_id'))

    op.drop_table('customer_relation')
    op.drop_table('customer_profile')
    with op.batch_alter_table('customer_handle', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_handle_value'))
        batch_op.drop_index(batch_op.f('ix_customer_handle_customer_id'))

    op.drop_table('customer_handle')
    with op.batch_alter_table('customer_address', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_address_customer_id'))

    op.drop_table('customer_address')
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_index('ix_consent')

    op.drop_table('consent')
    with op.batch_alter_table('daily_figures', schema=None) as batch_op:
        batch_op.drop_index('ix_daily_figures_day')

    op.drop_table('daily_figures')
    with op.batch_alter_table('stored_file', schema=None) as batch_op:
        batch_op.drop_index('ix_stored_file_subject')

    op.drop_table('stored_file')
    with op.batch_alter_table('outbox_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_event_subject'))
        batch_op.drop_index(batch_op.f('ix_outbox_event_at'))

    op.drop_table('outbox_event')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('ix_job_due')

    op.drop_table('job')
    op.drop_table('do_not_contact')
