"""Keeping the screen-pop addresses and the hosts that they may lead to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.model import ScreenPop, ScreenPopHost
from crm_core.integration.screen_pop import check_host, check_template

MOMENTS, WAYS = ("ringing", "answer"), ("button", "tab")
MOST = 8


async def hosts(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(ScreenPopHost.host).order_by(ScreenPopHost.host)))


async def pops(session: AsyncSession, *, active_only: bool = False) -> list[ScreenPop]:
    statement = select(ScreenPop).order_by(ScreenPop.position, ScreenPop.id)
    return list(await session.scalars(statement.where(ScreenPop.active) if active_only else statement))


async def allow_host(session: AsyncSession, host: str, *, actor: str, at: datetime) -> None:
    """A host that is allowed already changes nothing."""
    clean = check_host(host)
    if await session.get(ScreenPopHost, clean) is None:
        session.add(ScreenPopHost(host=clean))
        await audit(session, at=at, actor=actor, action="pop_host_allowed", subject=clean)


async def forbid_host(session: AsyncSession, host: str, *, actor: str, at: datetime) -> None:
    """Refused while an address leads there."""
    row = await session.get(ScreenPopHost, storable(host, 120))
    if row is None:
        return
    used = [pop.name for pop in await pops(session) if f"//{row.host}/" in f"{pop.template}/".replace("?", "/")]
    if used:
        raise Refused("{name} leads to this host. Remove it first.", name=used[0])
    await session.delete(row)
    await audit(session, at=at, actor=actor, action="pop_host_forbidden", subject=row.host)


async def save_pop(
    session: AsyncSession,
    pop_id: int | None,
    *,
    name: str,
    template: str,
    moment: str,
    opens: str,
    active: bool,
    actor: str,
    at: datetime,
) -> ScreenPop:
    """A new one (`pop_id` None) or other settings of an old one. Raises Invalid, naming the field."""
    if not name.strip():
        raise Invalid("Write what the agent reads on the button.", field="name")
    if moment not in MOMENTS or opens not in WAYS:
        raise Invalid("Choose from the list.", field="moment")
    checked = check_template(template, await hosts(session))
    known = await pops(session)
    if pop_id is None and len(known) >= MOST:
        raise Refused("At most {most} addresses. Remove one first.", most=MOST)
    pop = ScreenPop(position=len(known)) if pop_id is None else await _pop(session, pop_id)
    pop.name, pop.template, pop.moment = storable(name.strip(), 40), checked, moment
    pop.opens, pop.active = opens, active
    session.add(pop)
    await session.flush()
    await audit(session, at=at, actor=actor, action="pop_saved", subject=f"screen_pop/{pop.id}", detail=checked)
    return pop


async def remove_pop(session: AsyncSession, pop_id: int, *, actor: str, at: datetime) -> None:
    pop = await _pop(session, pop_id)
    await session.delete(pop)
    await audit(session, at=at, actor=actor, action="pop_removed", subject=f"screen_pop/{pop_id}", detail=pop.template)


async def _pop(session: AsyncSession, pop_id: int) -> ScreenPop:
    pop = await session.get(ScreenPop, pop_id) if 0 < pop_id < 2**31 else None
    if pop is None:
        raise NotFound("There is no such address.")
    return pop
