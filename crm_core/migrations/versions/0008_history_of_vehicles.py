"""What vehicles and customers add"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


_INDEXES = (
    ("contact", "ix_contact_vehicle", ["vehicle_id", "started_at"]),
    ("case_file", "ix_case_customer", ["customer_id", "opened_at"]),
    ("case_file", "ix_case_vehicle", ["vehicle_id", "opened_at"]),
    ("vehicle_order", "ix_vehicle_order_vehicle", ["vehicle_id", "ordered_at"]),
    ("customer", "ix_customer_class", ["customer_class", "last_contact_at"]),
    ("customer", "ix_customer_stage", ["life_cycle_stage", "last_contact_at"]),
    ("customer", "ix_customer_of_dealer", ["dealer_id", "last_contact_at"]),
)


def upgrade() -> None:
    for table, name, columns in _INDEXES:
        op.create_index(name, table, columns, unique=False)
    op.create_table('customer_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(length=12), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('actor', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['undone_by_id'], ['customer_change.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_customer_change', 'customer_change', ['customer_id', 'at'], unique=False)


def downgrade() -> None:
    op.drop_table('customer_change')
    for table, name, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
