"""Type-ahead of the transfer panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.dependencies import Me, Session, TheDesk, TheRendering, needs
from agent_desktop.desk.pop import Said
from agent_desktop.desk.regions import sayer
from agent_desktop.desk.stations import nearby_dealers
from agent_desktop.desk.targets import (
    AGENTS,
    QUEUES,
    AgentTarget,
    Asked,
    DealerTarget,
    QueueTarget,
    agent_targets,
    dealer_targets,
    queue_targets,
    said_of,
    typed,
)
from agent_desktop.ports import CallView
from agent_desktop.words import STATES
from crm_core.access.roles import Permission
from crm_core.customers.model import Customer
from crm_core.history.model import Contact
from crm_core.phone import location, shown, to_e164
from crm_core.workforce.queries import agents, queues

router = APIRouter(prefix="/api/targets", dependencies=[needs(Permission.TAKE_CALLS)])

Row = dict[str, Any]


class Wanted(BaseModel):
    """What was typed, and the person's last targets as "kind:value"."""

    q: str = Field("", max_length=60)
    recent: list[Annotated[str, Field(max_length=40)]] = Field([], max_length=6)


@router.get("")
async def targets(
    session: Session, me: Me, telephony: TheDesk, rendering: TheRendering, wanted: Annotated[Wanted, Query()]
) -> JSONResponse:
    """Groups of rows, best first; a row that cannot be chosen says why. Nothing typed = the likely ones."""
    text, floor = typed(wanted.q), telephony.floor()
    people, lines = await agents(session), await queues(session)
    call = telephony.desk(me.number).call
    skill = next((row.skill for row in lines if call and row.id == call.queue), "")
    team = next((person.team for person in people if person.number == me.number), "")
    asked = Asked(agent=me.number, text=text, skill=skill, team=team, language=me.language)
    say = sayer(rendering, me.language)
    skills = {row.skill: row.name_en if me.language == "en" else row.name_zh for row in lines}
    dealers = await dealer_targets(session, text, await _near(session, call))
    every = replace(asked, text="")
    known = {
        "agent": [_agent_row(target, skills, say) for target in agent_targets(every, people, floor)],
        "queue": [_queue_row(queue, say) for queue in queue_targets(every, lines, people, floor)],
        "dealer": [_dealer_row(dealer) for dealer in await dealer_targets(session, "", _dealers_of(wanted.recent))],
    }
    groups = {
        "recent": [] if text else _recent_rows(wanted.recent, known),
        "agent": [_agent_row(target, skills, say) for target in agent_targets(asked, people, floor)[:AGENTS]],
        "queue": [_queue_row(queue, say) for queue in queue_targets(asked, lines, people, floor)[:QUEUES]],
        "dealer": [_dealer_row(dealer) for dealer in dealers],
        "number": _number_rows(wanted.q, me.language),
    }
    return JSONResponse({"groups": groups}, headers={"Cache-Control": "no-store"})


def _recent_rows(recent: list[str], known: dict[str, list[Row]]) -> list[Row]:
    """Those of the last targets that still exist, as they are now; a number is shown as it was typed."""
    rows: list[Row] = []
    for kind, _, value in (key.partition(":") for key in recent):
        found = [row for row in known.get(kind, ()) if row["value"] == value]
        if kind == "number" and to_e164(value):
            found = [{"value": value, "name": shown(value), "about": ""}]
        rows += [{**row, "kind": kind} for row in found]
    return rows


def _dealers_of(recent: list[str]) -> list[int]:
    ids = [value for kind, _, value in (key.partition(":") for key in recent) if kind == "dealer"]
    return [int(value) for value in ids if value.isascii() and value.isdecimal() and len(value) < 10]


def _queue_row(queue: QueueTarget, say: Callable[[Said | str], str]) -> Row:
    return {"value": queue.queue_id, "name": queue.name, "about": say(said_of(queue)), "since": queue.longest_since}


def _dealer_row(dealer: DealerTarget) -> Row:
    about = " · ".join(part for part in (dealer.city, dealer.manager) if part)
    return {"value": str(dealer.dealer_id), "name": dealer.name, "about": about}


def _agent_row(target: AgentTarget, skills: dict[str, str], say: Callable[[Said | str], str]) -> Row:
    best = sorted(target.skills.items(), key=lambda item: -item[1])[:3]
    known = [f"{skills.get(skill, skill)} {level}" for skill, level in best]
    return {
        "value": target.number,
        "name": target.name,
        "about": " · ".join([target.number, *known]),
        "state": target.state,
        "word": say(STATES.get(target.state, target.state)),
        "since": target.since,
        "blocked": say(target.blocked),
    }


def _number_rows(text: str, language: str) -> list[Row]:
    """What the agent typed, when it is a whole number; it may be shown, for the agent typed it."""
    e164 = to_e164(text)
    return [{"value": e164, "name": shown(e164), "about": location(e164, language)}] if e164 else []


async def _near(session: AsyncSession, call: CallView | None) -> list[int]:
    """The dealer of the present caller and those around."""
    contact = await session.get(Contact, call.call) if call else None
    customer_id = contact.customer_id if contact else None
    if customer_id is None and call and len(call.matches) == 1:
        customer_id = call.matches[0]
    customer = await session.get(Customer, customer_id) if customer_id else None
    if customer is None or customer.dealer_id is None:
        return []
    return [dealer.dealer_id for dealer in await nearby_dealers(session, customer.dealer_id, 4)]
