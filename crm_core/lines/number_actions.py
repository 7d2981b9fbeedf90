"""Publishing numbers and taking them back. Afterwards tell telephony: `Telephony.lines_changed`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import Invalid, NotFound
from crm_core.flows.queries import published_texts
from crm_core.lines import queries
from crm_core.lines.actions import SETTINGS_TRUNK
from crm_core.lines.model import PublishedNumber
from crm_core.lines.written import number_problems
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable, text_of
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.queries import queues
from crm_core.workforce.versions import State

NUMBER = "number"
FIELDS = ("name", "trunks", "brand", "menu", "queue", "in_use", "position")
FIRST: State = {"name": "", "trunks": [], "brand": "", "menu": "", "queue": "", "in_use": True, "position": 1}
SHIPPED_MENU = "main"


def number_state(row: PublishedNumber) -> State:
    return {name: getattr(row, name) for name in FIELDS}


async def save_number(
    session: AsyncSession, number: str, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Create or replace it; None = nothing was changed. Raises Unusable or SavedMeanwhile."""
    row = await session.get(PublishedNumber, number[:15])
    before = number_state(row) if row is not None else None
    wanted = {**FIRST, **(before or {}), **{key: value for key, value in state.items() if key in FIELDS}}
    wanted |= {"name": text_of(wanted["name"], 60), "brand": text_of(wanted["brand"], 40)}
    wrong = [*number_problems(number), *await _problems(session, wanted)]
    if wrong:
        raise Unusable(wrong)
    await versions.require_unchanged(session, NUMBER, number, base)
    if row is None:
        row = PublishedNumber(number=number)
        session.add(row)
    for name in FIELDS:
        setattr(row, name, wanted[name])
    await session.flush()
    return await versions.record(session, NUMBER, number, before=before, after=wanted, actor=actor, at=at, base=base)


async def remove_number(
    session: AsyncSession, number: str, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Callers then hear that it is not in service; after the last one the numbers of the settings hold again."""
    row = await session.get(PublishedNumber, number[:15])
    if row is None:
        raise NotFound("The number {number} is not published.", number=number[:15])
    before = number_state(row)
    await session.delete(row)
    await session.flush()
    return await versions.record(session, NUMBER, number, before=before, after=None, actor=actor, at=at, base=base)


async def menus(session: AsyncSession) -> list[str]:
    """The flows that may answer a number: those published, and the shipped one."""
    return sorted({SHIPPED_MENU, *(one.flow for one in await published_texts(session))})


async def _problems(session: AsyncSession, state: State) -> list[Invalid]:
    found = []
    known = {SETTINGS_TRUNK, *(row.id for row in await queries.trunks(session))}
    if not set(state["trunks"]) <= known:
        found.append(Invalid("Choose from the list.", field="trunks"))
    if state["menu"] and state["menu"] not in await menus(session):
        found.append(Invalid("This call flow is not published.", field="menu"))
    if state["queue"] and state["queue"] not in {row.id for row in await queues(session)}:
        found.append(Invalid("Choose from the list.", field="queue"))
    if state["menu"] and state["queue"]:
        found.append(Invalid("Choose a call flow or a queue, not both.", field="queue"))
    position = state["position"]
    if not isinstance(position, int) or not 0 <= position <= 999:
        found.append(Invalid("Enter a number from {low} to {high}.", low=0, high=999, field="position"))
    return found
