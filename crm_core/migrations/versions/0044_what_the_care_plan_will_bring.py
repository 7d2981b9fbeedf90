"""What the care plan will bring, and the days of what it brought"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'care_outlook',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('customer_id', sa.Integer(), nullable=False),
        sa.Column('subject', sa.String(length=40), nullable=False),
        sa.Column('rule', sa.String(length=16), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('dealer_id', sa.Integer(), nullable=True),
        sa.Column('person', sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_care_outlook_customer_id_customer'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], name=op.f('fk_care_outlook_dealer_id_dealer')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_care_outlook')),
        sa.UniqueConstraint('subject', 'rule', name='uq_care_outlook')
    )
    with op.batch_alter_table('care_outlook', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_care_outlook_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index('ix_care_outlook_day', ['due_on', 'rule', 'dealer_id'], unique=False)
    op.create_index('ix_care_task_day', 'care_task', ['due_on', 'kind', 'status', 'dealer_id'], unique=False)
    op.create_index('ix_customer_birthday', 'customer', ['birthday', 'merged_into_id', 'dealer_id', 'customer_class'], unique=False)
    caused = sa.text("subject <> ''")
    op.create_index('ix_campaign_entry_cause', 'campaign_entry', ['due_at', 'subject'], unique=False, sqlite_where=caused, postgresql_where=caused)
    # Everybody is planned anew at once, not only tomorrow morning: until then the calendar lacks what is to come.
    job = sa.table('job', sa.column('kind', sa.String()), sa.column('due_at', crm_core.db.UtcTime()))
    op.execute(job.update().where(job.c.kind == 'care_plan').values(due_at=datetime.now(UTC)))


def downgrade() -> None:
    op.drop_index('ix_campaign_entry_cause', table_name='campaign_entry')
    op.drop_index('ix_customer_birthday', table_name='customer')
    op.drop_index('ix_care_task_day', table_name='care_task')
    op.drop_table('care_outlook')
