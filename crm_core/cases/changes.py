"""What every change of a case shares: taking it for writing, ending it, and its line in the story."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import Reach
from crm_core.cases.events import CaseEventKind
from crm_core.cases.model import Case, CaseEvent
from crm_core.db import storable
from crm_core.errors import NotFound, Refused

LONGEST_TEXT = 8000


async def take(session: AsyncSession, case_id: int, reach: Reach, *, closed: bool = False) -> Case:
    """The case, locked. NotFound for an unknown or foreign one, Refused for a closed one unless `closed`."""
    case = await session.get(Case, case_id, with_for_update=True)
    if case is None:
        raise NotFound("There is no such case.")
    reach.require(case.dealer_id)
    if case.closed_at is not None and not closed:
        raise Refused("Case {number} is closed.", number=case.number)
    return case


def ended(case: Case, result: str, at: datetime) -> None:
    case.closed_at, case.status, case.result = at, "closed", storable(result, 24)
    case.paused_at, case.pause_reason = None, ""


def log_event(
    session: AsyncSession,
    case: Case,
    kind: CaseEventKind,
    *,
    actor: str,
    at: datetime,
    text: str = "",
    detail: Mapping[str, Any] | None = None,
    for_dealer: bool = True,
) -> None:
    session.add(
        CaseEvent(
            case_id=case.id,
            at=at,
            actor=storable(actor, 16),
            kind=kind.value,
            text=storable(text.strip(), LONGEST_TEXT),
            detail={name: value for name, value in (detail or {}).items() if value is not None},
            for_dealer=for_dealer,
        )
    )
