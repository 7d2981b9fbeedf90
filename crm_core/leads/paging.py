"""Where a list of leads goes on: behind the last one shown, so that new and moved leads neither repeat nor hide one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_

from crm_core.clock import from_instant
from crm_core.errors import Invalid
from crm_core.leads.model import Lead

ORDER = (Lead.feedback_due_at.is_(None), Lead.feedback_due_at, Lead.created_at.desc(), Lead.id.desc())
"""By the time that is left for a word, then the newest."""
_EPOCH = from_instant(0)
_MICROSECOND = timedelta(microseconds=1)


def place_of(lead: Lead) -> str:
    """The cursor that leads to what stands behind this one."""
    due = _written(lead.feedback_due_at) if lead.feedback_due_at else ""
    return f"{due}~{_written(lead.created_at)}~{lead.id}"


def behind(place: str) -> ColumnElement[bool]:
    """What stands behind a place of `place_of`. Raises Invalid for one that is none."""
    due, created, ident = _read(place)
    newer = or_(Lead.created_at < created, and_(Lead.created_at == created, Lead.id < ident))
    if due is None:
        return and_(Lead.feedback_due_at.is_(None), newer)
    return or_(
        Lead.feedback_due_at > due,
        and_(Lead.feedback_due_at == due, newer),
        Lead.feedback_due_at.is_(None),
    )


def _written(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _read(place: str) -> tuple[datetime | None, datetime, int]:
    parts = place.split("~")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) <= 17 for part in parts if part):
        raise _unknown()
    due, created, ident = parts
    if not created or not ident:
        raise _unknown()
    try:
        return (_time(due) if due else None), _time(created), int(ident)
    except OverflowError:
        raise _unknown() from None


def _time(microseconds: str) -> datetime:
    return _EPOCH + int(microseconds) * _MICROSECOND


def _unknown() -> Invalid:
    return Invalid("This place in the list is unknown. Start from the top.", field="cursor")
