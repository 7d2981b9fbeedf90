"""The board of one campaign: the calls, the answers and whom we did not call, pushed as they come."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket
from fastapi.responses import Response

from agent_desktop.campaigns.live import hub_of
from agent_desktop.campaigns.reader import TheLook
from agent_desktop.campaigns.words import SCRIPT_WORDS
from agent_desktop.dependencies import Me, TheDatabase, TheSignIns, needs
from agent_desktop.pushing import push_to_person
from agent_desktop.rendering import page
from crm_core.access.roles import Permission
from crm_core.campaigns import actions

router = APIRouter(prefix="/campaigns/{campaign_id:int}", dependencies=[needs(Permission.SEE_CAMPAIGNS)])


@router.get("")
async def show_board(look: TheLook, campaign_id: int) -> Response:
    hub = hub_of(look.request)
    picture = await hub.picture(campaign_id)
    sight = (look.say.language, look.me.may(Permission.RUN_CAMPAIGNS))
    return page(
        look.request,
        "campaigns/board.html",
        **look.frame,
        row=picture.campaign,
        regions=await hub.regions(picture, sight),
        script_words={name: look.say.translate(text) for name, text in SCRIPT_WORDS.items()},
        here="board",
    )


@router.websocket("/live")
async def follow_board(socket: WebSocket, me: Me, db: TheDatabase, sign_ins: TheSignIns, campaign_id: int) -> None:
    """Until the page goes away, is too slow, or its sign-in ends."""
    async with db.begin() as session:
        await actions.campaign(session, campaign_id)
    sight = (me.language, me.may(Permission.RUN_CAMPAIGNS))
    async with hub_of(socket).watching(campaign_id, sight) as watcher:
        await push_to_person(socket, me, sign_ins, watcher.messages())
