"""A campaign's customers in the hands of their dealers: given, taken back, and what came of it."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from agent_desktop.admin.forms import text
from agent_desktop.campaigns.reader import Look, TheLook
from agent_desktop.dealer.portal import a_day, whole
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page, translate
from crm_core.access.roles import Permission
from crm_core.campaigns import actions
from crm_core.care import handover
from crm_core.errors import Invalid, NotFound

router = APIRouter(prefix="/campaigns/{campaign_id:int}/dealers", dependencies=[needs(Permission.SEE_CAMPAIGNS)])


@router.get("")
async def show_dealers(look: TheLook, campaign_id: int, given: int = -1, taken: int = -1) -> Response:
    """`given` and `taken`: how many the last act moved."""
    return await _page(look, campaign_id, given=given, taken=taken)


@router.post("/{act}", dependencies=[needs(Permission.RUN_CAMPAIGNS)])
async def act_on(look: TheLook, campaign_id: int, act: str) -> Response:
    """give or back: of one dealer, or of all. At most 500 at once; the page says how many and what is left."""
    form = await look.request.form()
    dealer_id = whole(text(form, "dealer")) or None
    back = f"/campaigns/{campaign_id}/dealers"
    if act == "back":
        taken = await handover.take_back(look.session, campaign_id, dealer_id=dealer_id, **look.by)
        return RedirectResponse(f"{back}?taken={taken}", 303)
    if act != "give":
        raise NotFound("This page does not exist.")
    due_on = a_day(text(form, "due_on"))
    try:
        given = await handover.hand_over(
            look.session, campaign_id, dealer_id=dealer_id, due_on=due_on, zone=look.zone, **look.by
        )
    except Invalid as wrong:
        told = translate(look.request, wrong.message_id, **wrong.values)
        return await _page(look, campaign_id, error=told, typed=text(form, "due_on"), status=422)
    return RedirectResponse(f"{back}?given={given}", 303)


async def _page(
    look: Look,
    campaign_id: int,
    *,
    given: int = -1,
    taken: int = -1,
    error: str = "",
    typed: str = "",
    status: int = 200,
) -> Response:
    row = await actions.campaign(look.session, campaign_id)
    in_a_week = look.now.astimezone(look.zone).date() + timedelta(days=7)
    return page(
        look.request,
        "campaigns/dealers.html",
        status_code=status,
        **look.frame,
        row=row,
        shares=await handover.shares(look.session, campaign_id),
        due_on=typed or in_a_week.isoformat(),
        given=given,
        taken=taken,
        error=error,
        most=handover.MOST_AT_ONCE,
        here="dealers",
    )
