"""A dealer's turns with a lead"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

import crm_core.db


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

_BEGAN = ('sent', 'reassigned')
_ENDED = ('returned', 'nurtured', 'won', 'lost')


def upgrade() -> None:
    op.create_table('lead_turn',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('dealer_id', sa.Integer(), nullable=False),
    sa.Column('sent_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('due_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('first_word_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['dealer_id'], ['dealer.id'], ),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('lead_turn', schema=None) as batch_op:
        batch_op.create_index('ix_lead_turn_lead', ['lead_id'], unique=False)
        batch_op.create_index('ix_lead_turn_due', ['due_at', 'dealer_id'], unique=False)
    _tell_the_past()


def _tell_the_past() -> None:
    """What happened before is told by the events; the time for the first word was seven days (N16)."""
    moment = crm_core.db.UtcTime(timezone=True)
    event = sa.table('lead_event', sa.column('id'), sa.column('lead_id'), sa.column('at', moment), sa.column('kind'),
                     sa.column('detail', sa.JSON()))
    turn = sa.table('lead_turn', sa.column('lead_id'), sa.column('dealer_id'), sa.column('sent_at', moment),
                    sa.column('due_at', moment), sa.column('first_word_at', moment), sa.column('ended_at', moment))
    connection = op.get_bind()
    turns: list[dict[str, Any]] = []
    running: dict[int, dict[str, Any]] = {}
    wanted = sa.select(event).where(event.c.kind.in_((*_BEGAN, *_ENDED, 'feedback')))
    for row in connection.execute(wanted.order_by(event.c.at, event.c.id)).all():
        current = running.get(row.lead_id)
        if row.kind in _BEGAN or row.kind in _ENDED:
            running.pop(row.lead_id, None)
            if current:
                current['ended_at'] = row.at
        if current and row.kind in ('feedback', 'won', 'lost'):
            current['first_word_at'] = current['first_word_at'] or row.at
        if row.kind in _BEGAN and row.detail.get('dealer_id'):
            running[row.lead_id] = {'lead_id': row.lead_id, 'dealer_id': row.detail['dealer_id'], 'sent_at': row.at,
                                    'due_at': row.at + timedelta(days=7), 'first_word_at': None, 'ended_at': None}
            turns.append(running[row.lead_id])
    if turns:
        connection.execute(sa.insert(turn), turns)


def downgrade() -> None:
    op.drop_table('lead_turn')
