"""A dealer's leads: by time left, who follows each up, the word that is due, won with the car or lost with why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from agent_desktop.dealer.export import csv_answer
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, a_day, back, show, try_to, whole
from agent_desktop.dealer.task import lead_task
from agent_desktop.dealer.words import HORIZONS, LEAD_STATUS
from agent_desktop.dependencies import needs
from agent_desktop.rendering import translate
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, NotFound
from crm_core.leads import dealer_actions
from crm_core.leads.dealer_queries import DealerLead, lead, leads

router = APIRouter(prefix="/dealer/leads", dependencies=[needs(Permission.SEE_OWN_DEALER)])
_KEPT = (
    "staff_id",
    "words",
    "next_step_on",
    "buy_by",
    "vin",
    "plate",
    "model",
    "delivered_on",
    "price_yuan",
    "reason",
    "lost_to",
)
TOLD = {"follower": "followed", "feedback": "feedback", "won": "won", "lost": "lost"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address. `state`: open, new (nobody named), late or closed."""

    state: str = "open"
    q: str = ""
    horizon: str = ""
    staff: str = ""


def the_asked(state: str = "open", q: str = "", horizon: str = "", staff: str = "") -> Asked:
    return Asked(state, q.strip()[:60], horizon, staff)


TheAsked = Annotated[Asked, Depends(the_asked)]
STATES = ("open", "new", "late", "closed")


def _fits(one: DealerLead, asked: Asked) -> bool:
    closed = one.closed_at is not None
    states = {
        "open": not closed,
        "new": not closed and one.staff_id is None,
        "late": not closed and one.clock is not None and one.clock.seconds_left < 0,
        "closed": closed,
    }
    words = asked.q.casefold()
    told = (one.number, one.customer, one.model, one.wish, one.city)
    return (
        states.get(asked.state, not closed)
        and (not words or any(words in part.casefold() for part in told))
        and (not asked.horizon or one.horizon == asked.horizon)
        and (not asked.staff or (one.staff or "-") == asked.staff)
    )


@router.get("")
async def show_list(portal: ThePortal, asked: TheAsked) -> Response:
    return await _page(portal, asked)


@router.get(".csv")
async def export(portal: ThePortal, asked: TheAsked) -> Response:
    every = await leads(portal.session, portal.narrowed, now=portal.now, zone=portal.zone, open_only=False)

    def word(message: str) -> str:
        return translate(portal.request, message) if message else ""

    head = ["Number", "Customer", "Interest", "Model", "Horizon", "State", "In charge", "Due", "Dealer"]
    rows = [
        [
            one.number,
            one.customer,
            one.wish,
            one.model,
            word(HORIZONS.get(one.horizon, "")),
            word(LEAD_STATUS.get(one.status, "")),
            one.staff,
            f"{one.feedback_due_at.astimezone(portal.zone):%Y-%m-%d %H:%M}" if one.feedback_due_at else "",
            one.dealer_short,
        ]
        for one in every
        if _fits(one, asked)
    ]
    return csv_answer("leads", [word(one) for one in head], rows)


@router.get("/{number}")
async def show_one(portal: ThePortal, asked: TheAsked, number: str) -> Response:
    """Raises NotFound, also for another dealer's."""
    return await _page(portal, asked, number)


async def _page(
    portal: Portal,
    asked: Asked,
    number: str = "",
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    every = await leads(portal.session, portal.narrowed, now=portal.now, zone=portal.zone, open_only=False)
    return await show(
        portal,
        "dealer/leads.html",
        status_code=status,
        lines=[one for one in every if _fits(one, asked)],
        counts={state: sum(_fits(one, Asked(state)) for one in every) for state in STATES},
        people=sorted({one.staff for one in every if one.staff}),
        asked=asked,
        task=await lead_task(portal, number) if number else None,
        errors=errors or {},
        typed=typed or {},
    )


@router.post("/{number}/{act}", dependencies=[needs(Permission.WORK_OWN_DEALER)])
async def act_on(edit: Edit, portal: ThePortal, number: str, act: str) -> Response:
    """follower, feedback, won or lost. A refusal shows the lead again with the sentence under its field."""
    if act not in TOLD:
        raise NotFound("This page does not exist.")
    form = await edit.form()
    found = await lead(portal.session, number, portal.reach, now=portal.now, zone=portal.zone)
    more: dict[str, Any] = {"reach": portal.reach, **edit.by}
    errors, status = await try_to(
        edit, lambda session: _do(session, found.lead.lead_id, act, form, more, zone=portal.zone)
    )
    if errors:
        typed = {name: text(form, name) for name in _KEPT} | {"act": act}
        return await _page(portal, Asked(), number, errors=errors, typed=typed, status=status)
    return back(text(form, "next"), f"/dealer/leads/{number}", TOLD[act])


async def _do(
    session: AsyncSession, lead_id: int, act: str, form: FormData, more: dict[str, Any], *, zone: tzinfo
) -> Any:
    match act:
        case "follower":
            return await dealer_actions.name_follower(session, lead_id, whole(text(form, "staff_id")) or 0, **more)
        case "feedback":
            next_step, buy_by = _day_of(form, "next_step_on"), _day_of(form, "buy_by")
            words: dict[str, Any] = {"words": text(form, "words"), "next_step_on": next_step, "buy_by": buy_by}
            return await dealer_actions.feedback(session, lead_id, zone=zone, **words, **more)
        case "won":
            return await dealer_actions.won(session, lead_id, **_purchase(form), **more)
        case _:
            reasons: dict[str, Any] = {name: text(form, name) for name in ("reason", "lost_to", "words")}
            return await dealer_actions.lost(session, lead_id, **reasons, **more)


def _purchase(form: FormData) -> dict[str, Any]:
    """Raises Invalid for a day or a price that is none."""
    delivered_on, price = a_day(text(form, "delivered_on")), whole(text(form, "price_yuan") or "0")
    if delivered_on is None:
        raise Invalid("Enter the day of the delivery.", field="delivered_on")
    if price is None:
        raise Invalid("Enter the price in whole yuan.", field="price_yuan")
    plain = {name: text(form, name) for name in ("vin", "plate", "model")}
    return {**plain, "delivered_on": delivered_on, "price_yuan": price}


def _day_of(form: FormData, name: str) -> Any:
    typed = text(form, name)
    day = a_day(typed)
    if typed and day is None:
        raise Invalid("Choose a day within a year from now.", field=name)
    return day
