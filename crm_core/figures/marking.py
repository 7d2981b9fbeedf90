"""Which quarters of an hour must be counted again: named in the very transaction that changes their rows.

Whatever writes such a row through a session is seen, for the row's class says so. Who fills tables by the thousand
past the session calls `forget_figures`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, cast

from sqlalchemy import Connection, Table, delete, event, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.base import NO_VALUE

from crm_core.db import Base
from crm_core.figures.model import FigureBasis, FigureDue
from crm_core.figures.quarters import LONGEST_STINT, quarter_of, quarter_start

Values = Mapping[str, Any]


class DueQuarter(NamedTuple):
    kind: str  # queue or agent
    subject: str
    start_at: datetime


class Counted:
    """A row that figures are made of: when one of `counted` changes, its quarters before and after are due."""

    counted: ClassVar[tuple[str, ...]] = ()

    @staticmethod
    def quarters(row: Values) -> Iterable[DueQuarter]:
        """Those that a row with these values counts in."""
        raise NotImplementedError


def visit_quarters(row: Values) -> Iterator[DueQuarter]:
    """A visit counts when it is over, where it began."""
    if row.get("result") is not None:
        yield DueQuarter("queue", row["queue"], quarter_start(quarter_of(row["entered_at"])))


def leg_quarters(row: Values) -> Iterator[DueQuarter]:
    """An offer counts where it was made, a talk where it ended."""
    if not row["agent"]:
        return
    for at in {row["offered_at"], row.get("ended_at")} - {None}:
        yield DueQuarter("agent", row["agent"], quarter_start(quarter_of(at)))


def stint_quarters(row: Values) -> Iterator[DueQuarter]:
    """One that still lasts is counted by the reader, up to now."""
    began, ended = row["began_at"], row.get("ended_at")
    if ended is None or ended - began > LONGEST_STINT:
        return
    for quarter in range(quarter_of(began), quarter_of(ended) + 1):
        yield DueQuarter("agent", row["agent"], quarter_start(quarter))


def mark(connection: Connection, due: Iterable[DueQuarter]) -> None:
    """Within the caller's transaction."""
    if rows := [one._asdict() for one in due]:
        connection.execute(insert(cast(Table, FigureDue.__table__)), rows)


def forget_figures(connection: Connection) -> None:
    """Nothing stored is believed any more: reports read the rows until all is counted anew, which begins by itself."""
    connection.execute(delete(FigureBasis))


@event.listens_for(Session, "before_flush")
def _note(session: Session, _context: object, _instances: object) -> None:
    due: set[DueQuarter] = session.info.setdefault("figures_due", set())
    for row in session.new:
        if isinstance(row, Counted):
            due.update(row.quarters(row.__dict__))
    for row in session.dirty:
        before = instance_state(row).committed_state  # of what was changed, as it was
        if isinstance(row, Counted):
            if not before.keys().isdisjoint(row.counted):
                due.update(row.quarters(_then(row, before)))
                due.update(row.quarters(_then(row, {})))
        elif "direction" in before and getattr(row, "__tablename__", "") == "contact":
            session.info.setdefault("figures_turned", []).append(row.id)
    for row in session.deleted:
        if isinstance(row, Counted):
            due.update(row.quarters(_then(row, instance_state(row).committed_state)))


def _then(row: Counted, before: Values) -> Values:
    values = {name: before[name] if name in before else getattr(row, name) for name in row.counted}
    return {name: None if value is NO_VALUE else value for name, value in values.items()}


@event.listens_for(Session, "after_flush")
def _mark(session: Session, _context: object) -> None:
    due = session.info.pop("figures_due", set())
    turned = session.info.pop("figures_turned", [])
    if turned:  # whether a talk was a call of ours is told by its contact
        due |= _of_contacts(session.connection(), turned)
    if due:
        mark(session.connection(), due)


def _of_contacts(connection: Connection, contacts: list[str]) -> set[DueQuarter]:
    leg = Base.metadata.tables["leg"].c
    rows = connection.execute(select(leg.agent, leg.offered_at, leg.ended_at).where(leg.contact_id.in_(contacts)))
    return {due for row in rows for due in leg_quarters(dict(row._mapping))}
