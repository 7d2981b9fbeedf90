"""The register of the places where customers meet us (B-106), and what came through each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound
from crm_core.history.model import Contact
from crm_core.leads.model import Lead, Touchpoint
from crm_core.leads.words import LeadStatus
from crm_core.workforce.fields import Unusable, text_of

KINDS = ("number", "web", "event", "dealer", "email", "wechat", "sms", "post", "other")
_CODE = re.compile(r"[a-z0-9][a-z0-9_]{1,38}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchpointLine:
    """What came through one place in the days asked for. `last_at`: its latest contact or lead."""

    point: Touchpoint
    contacts: int
    leads: int
    won: int
    last_at: datetime | None


async def touchpoints(session: AsyncSession, *, retired: bool = False) -> list[Touchpoint]:
    statement = select(Touchpoint).order_by(Touchpoint.position, Touchpoint.code)
    if not retired:
        statement = statement.where(Touchpoint.active)
    return list(await session.scalars(statement))


async def touchpoint_lines(session: AsyncSession, *, now: datetime, days: int) -> list[TouchpointLine]:
    """The whole register; calls are counted by the number dialled, leads by the place they name."""
    since = now - timedelta(days=days)
    calls = await session.execute(
        select(Contact.entry, func.count(), func.max(Contact.started_at))
        .where(Contact.started_at >= since, Contact.direction == "inbound", Contact.entry != "")
        .group_by(Contact.entry)
    )
    dialled = {row[0]: (row[1], row[2]) for row in calls}
    captured = await session.execute(
        select(Lead.touchpoint, Lead.status, func.count(), func.max(Lead.created_at))
        .where(Lead.created_at >= since, Lead.touchpoint != "")
        .group_by(Lead.touchpoint, Lead.status)
    )
    leads: dict[str, list[tuple[str, int, datetime]]] = {}
    for code, status, count, last in captured:
        leads.setdefault(code, []).append((status, count, last))
    return [_line(point, dialled, leads.get(point.code, [])) for point in await touchpoints(session, retired=True)]


def _line(
    point: Touchpoint, dialled: dict[str, tuple[int, datetime]], leads: list[tuple[str, int, datetime]]
) -> TouchpointLine:
    calls = dialled.get(point.address) if point.kind == "number" else None
    times = [last for _, _, last in leads] + ([calls[1]] if calls else [])
    return TouchpointLine(
        point=point,
        contacts=calls[0] if calls else 0,
        leads=sum(count for _, count, _ in leads),
        won=sum(count for status, count, _ in leads if status == LeadStatus.WON),
        last_at=max(times, default=None),
    )


async def save_touchpoint(
    session: AsyncSession,
    code: str,
    *,
    kind: str,
    name_zh: str,
    name_en: str,
    address: str,
    owner: str,
    active: bool,
    new: bool,
    actor: str,
    at: datetime,
) -> Touchpoint:
    """Create or change one; what came through a retired one stays counted. Raises Unusable or NotFound."""
    known = await session.get(Touchpoint, storable(code, 40))
    wrong = []
    if new and not _CODE.fullmatch(code):
        wrong.append(Invalid("A code is lower-case letters, digits and _, from 2 to 39.", field="code"))
    if new and known is not None:
        wrong.append(Invalid("There is a contact point with this code already.", field="code"))
    if kind not in KINDS:
        wrong.append(Invalid("Choose from the list.", field="kind"))
    if not text_of(name_zh, 60):
        wrong.append(Invalid("Enter the Chinese name.", field="name_zh"))
    if wrong:
        raise Unusable(wrong)
    if known is None and not new:
        raise NotFound("There is no such contact point.")
    row = known or Touchpoint(code=code, position=await _last_position(session) + 1)
    row.kind, row.name_zh, row.name_en = kind, text_of(name_zh, 60), text_of(name_en, 60)
    row.address, row.owner, row.active = text_of(address, 120), text_of(owner, 40), active
    session.add(row)
    await session.flush()
    await audit(session, at=at, actor=actor, action="touchpoint_saved", subject=row.code, detail=row.name_zh)
    return row


async def _last_position(session: AsyncSession) -> int:
    return await session.scalar(select(func.max(Touchpoint.position))) or 0
