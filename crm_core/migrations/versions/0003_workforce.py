"""Queues, teams, reasons, hours as versioned data"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('break_reason',
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=20), nullable=False),
    sa.Column('name_en', sa.String(length=30), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('code')
    )
    op.create_table('calendar',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=40), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('entries', sa.JSON(), nullable=False),
    sa.Column('week', sa.JSON(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('calendar_day',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('calendar', sa.String(length=40), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('as_weekday', sa.Integer(), nullable=False),
    sa.Column('spans', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['calendar'], ['calendar.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('calendar', 'day')
    )
    op.create_table('closure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entries', sa.JSON(), nullable=False),
    sa.Column('prompt', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.Column('began_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('began_by', sa.String(length=16), nullable=False),
    sa.Column('ends_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('team',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=40), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('missed_limit', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('team_leader',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('team', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['team'], ['team.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('user_id', 'team')
    )
    op.create_table('workforce_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('subject', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=True),
    sa.Column('actor', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'subject', 'number')
    )
    with op.batch_alter_table('workforce_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_workforce_version_at'), ['at'], unique=False)

    # The defaults are for the rows that are there already.
    with op.batch_alter_table('agent', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tags', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('capacity', sa.JSON(), nullable=False, server_default='{}'))

    with op.batch_alter_table('queue', schema=None) as batch_op:
        for name, kind, default in (
            ('strategy', sa.String(length=20), 'best_skill'),
            ('levels', sa.JSON(), '[]'),
            ('ageing_seconds', sa.Integer(), '0'),
            ('sticky_seconds', sa.Integer(), '0'),
            ('affinity_seconds', sa.Integer(), '0'),
            ('overflow', sa.JSON(), '[]'),
            ('most_waiting', sa.Integer(), '0'),
            ('when_full', sa.String(length=12), 'stay'),
            ('longest_wait_seconds', sa.Integer(), '0'),
            ('when_too_long', sa.String(length=12), 'stay'),
            ('first_announcement_seconds', sa.Integer(), '15'),
            ('announce_every_seconds', sa.Integer(), '45'),
            ('is_open_for_calls', sa.Boolean(), sa.true()),
            ('callback_offered', sa.Boolean(), sa.true()),
            ('message_offered', sa.Boolean(), sa.true()),
        ):
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=default))
        batch_op.add_column(sa.Column('leaving_at', crm_core.db.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('removed_at', crm_core.db.UtcTime(timezone=True), nullable=True))
    _teams_from_names()


def _teams_from_names() -> None:
    """Until now an agent's team was its name as typed; each name becomes a team."""
    agent = sa.table('agent', sa.column('team', sa.String))
    team = sa.table('team', *(sa.column(name) for name in ('id', 'name_zh', 'name_en', 'position', 'missed_limit')))
    connection = op.get_bind()
    names = connection.scalars(sa.select(agent.c.team).where(agent.c.team != '').distinct().order_by(agent.c.team)).all()
    for position, name in enumerate(names, start=1):
        word = f'team_{position}'
        row = {'id': word, 'name_zh': name, 'name_en': name, 'position': position, 'missed_limit': 3}
        connection.execute(team.insert().values(**row))
        connection.execute(agent.update().where(agent.c.team == name).values(team=word))


def downgrade() -> None:
    agent, team = sa.table('agent', sa.column('team')), sa.table('team', sa.column('id'), sa.column('name_zh'))
    name = sa.select(team.c.name_zh).where(team.c.id == agent.c.team).scalar_subquery()
    op.execute(agent.update().where(agent.c.team.in_(sa.select(team.c.id))).values(team=name))
    with op.batch_alter_table('queue', schema=None) as batch_op:
        for column in (
            'removed_at', 'leaving_at', 'message_offered', 'callback_offered', 'is_open_for_calls',
            'announce_every_seconds', 'first_announcement_seconds', 'when_too_long', 'longest_wait_seconds',
            'when_full', 'most_waiting', 'overflow', 'affinity_seconds', 'sticky_seconds', 'ageing_seconds',
            'levels', 'strategy',
        ):
            batch_op.drop_column(column)
    with op.batch_alter_table('agent', schema=None) as batch_op:
        batch_op.drop_column('capacity')
        batch_op.drop_column('tags')

    for table in ('team_leader', 'calendar_day', 'workforce_version', 'team', 'closure', 'calendar', 'break_reason'):
        op.drop_table(table)
