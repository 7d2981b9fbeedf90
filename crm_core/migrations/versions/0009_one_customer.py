"""Merging and imports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite adds only computed columns that are not stored without writing the table anew.
    stored = True if op.get_bind().dialect.name == 'postgresql' else None
    op.create_table('data_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('file', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('encoding', sa.String(length=12), nullable=False),
    sa.Column('header', sa.JSON(), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('policy', sa.String(length=10), nullable=False),
    sa.Column('system', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('problems', sa.JSON(), nullable=False),
    sa.Column('warnings', sa.JSON(), nullable=False),
    sa.Column('failure', sa.String(length=200), nullable=False),
    sa.Column('uploaded_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('uploaded_by', sa.String(length=16), nullable=False),
    sa.Column('began_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('file')
    )
    with op.batch_alter_table('data_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_data_import_uploaded_at'), ['uploaded_at'], unique=False)

    op.create_table('duplicate_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('duplicate_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_duplicate_check_customer_id'), ['customer_id'], unique=False)

    op.create_table('duplicate_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('last_id', sa.Integer(), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.Column('began_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('ended_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('began_by', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('import_columns',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('header_hash', sa.String(length=64), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('used_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'header_hash', name='uq_import_columns')
    )
    op.create_table('import_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('of_table', sa.String(length=63), nullable=False),
    sa.Column('key', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['data_import.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('import_change', schema=None) as batch_op:
        batch_op.create_index('ix_import_change', ['import_id', 'id'], unique=False)

    op.create_table('import_problem',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('value', sa.String(length=80), nullable=False),
    sa.Column('refused', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['data_import.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('import_problem', schema=None) as batch_op:
        batch_op.create_index('ix_import_problem', ['import_id', 'line'], unique=False)

    op.create_table('customer_duplicate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('one_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('found_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('decided_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=16), nullable=False),
    sa.Column('note', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['one_id'], ['customer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('one_id', 'other_id', name='uq_customer_duplicate')
    )
    with op.batch_alter_table('customer_duplicate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_duplicate_other_id'), ['other_id'], unique=False)
        batch_op.create_index('ix_customer_duplicate_state', ['state', 'score'], unique=False)

    op.create_table('customer_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('system', sa.String(length=20), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('system', 'key', name='uq_customer_key')
    )
    with op.batch_alter_table('customer_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_key_customer_id'), ['customer_id'], unique=False)

    op.create_table('customer_merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('keep_id', sa.Integer(), nullable=False),
    sa.Column('drop_id', sa.Integer(), nullable=False),
    sa.Column('chosen', sa.JSON(), nullable=False),
    sa.Column('merged_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('merged_by', sa.String(length=16), nullable=False),
    sa.Column('undone_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['drop_id'], ['customer.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['keep_id'], ['customer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('customer_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_merge_drop_id'), ['drop_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_merge_keep_id'), ['keep_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_merge_merged_at'), ['merged_at'], unique=False)

    op.create_table('customer_merge_row',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('merge_id', sa.Integer(), nullable=False),
    sa.Column('of_table', sa.String(length=63), nullable=False),
    sa.Column('key', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(none_as_null=True), nullable=True),
    sa.ForeignKeyConstraint(['merge_id'], ['customer_merge.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('customer_merge_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_merge_row_merge_id'), ['merge_id'], unique=False)

    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('initials', sa.String(length=50), sa.Computed("substr(ltrim(name_pinyin, 'abcdefghijklmnopqrstuvwxyz'), 2)", persisted=stored), nullable=True))
        batch_op.drop_index(batch_op.f('ix_customer_name'))
        batch_op.drop_index(batch_op.f('ix_customer_name_pinyin'))
        batch_op.create_index('ix_customer_name', ['name'], unique=False, postgresql_ops={'name': 'text_pattern_ops'})
        batch_op.create_index('ix_customer_name_pinyin', ['name_pinyin', 'birth_year'], unique=False, postgresql_ops={'name_pinyin': 'text_pattern_ops'})
        batch_op.create_index('ix_customer_initials', ['initials'], unique=False, postgresql_ops={'initials': 'text_pattern_ops'})

    with op.batch_alter_table('customer_phone', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_phone_e164'))
        batch_op.create_index('ix_customer_phone_e164', ['e164'], unique=False, postgresql_ops={'e164': 'text_pattern_ops'})
        batch_op.add_column(sa.Column('last_four', sa.String(length=4), sa.Computed('substr(e164, length(e164) - 3)', persisted=stored), nullable=True))
        batch_op.create_index(batch_op.f('ix_customer_phone_last_four'), ['last_four'], unique=False)

    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_vehicle_plate'))
        batch_op.create_index('ix_vehicle_plate', ['plate'], unique=False, postgresql_ops={'plate': 'text_pattern_ops'})
        batch_op.add_column(sa.Column('vin_end', sa.String(length=8), sa.Computed('substr(vin, 10)', persisted=stored), nullable=True))
        batch_op.add_column(sa.Column('vin_tail', sa.String(length=6), sa.Computed('substr(vin, 12)', persisted=stored), nullable=True))
        batch_op.create_index('ix_vehicle_vin_end', ['vin_end'], unique=False, postgresql_ops={'vin_end': 'text_pattern_ops'})
        batch_op.create_index(batch_op.f('ix_vehicle_vin_tail'), ['vin_tail'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_vehicle_vin_tail'))
        batch_op.drop_index('ix_vehicle_vin_end', postgresql_ops={'vin_end': 'text_pattern_ops'})
        batch_op.drop_column('vin_tail')
        batch_op.drop_column('vin_end')

    with op.batch_alter_table('customer_phone', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_phone_last_four'))
        batch_op.drop_column('last_four')

    with op.batch_alter_table('customer', schema=None) as batch_op:
        batch_op.drop_index('ix_customer_initials', postgresql_ops={'initials': 'text_pattern_ops'})
        batch_op.drop_index('ix_customer_name_pinyin', postgresql_ops={'name_pinyin': 'text_pattern_ops'})
        batch_op.create_index(batch_op.f('ix_customer_name_pinyin'), ['name_pinyin'], unique=False)
        batch_op.drop_column('initials')

    with op.batch_alter_table('customer_merge_row', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_merge_row_merge_id'))

    op.drop_table('customer_merge_row')
    with op.batch_alter_table('customer_merge', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_merge_merged_at'))
        batch_op.drop_index(batch_op.f('ix_customer_merge_keep_id'))
        batch_op.drop_index(batch_op.f('ix_customer_merge_drop_id'))

    op.drop_table('customer_merge')
    with op.batch_alter_table('customer_key', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_customer_key_customer_id'))

    op.drop_table('customer_key')
    with op.batch_alter_table('customer_duplicate', schema=None) as batch_op:
        batch_op.drop_index('ix_customer_duplicate_state')
        batch_op.drop_index(batch_op.f('ix_customer_duplicate_other_id'))

    op.drop_table('customer_duplicate')
    with op.batch_alter_table('import_problem', schema=None) as batch_op:
        batch_op.drop_index('ix_import_problem')

    op.drop_table('import_problem')
    with op.batch_alter_table('import_change', schema=None) as batch_op:
        batch_op.drop_index('ix_import_change')

    op.drop_table('import_change')
    op.drop_table('import_columns')
    op.drop_table('duplicate_run')
    with op.batch_alter_table('duplicate_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_duplicate_check_customer_id'))

    op.drop_table('duplicate_check')
    with op.batch_alter_table('data_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_data_import_uploaded_at'))

    op.drop_table('data_import')
