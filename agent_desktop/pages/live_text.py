"""The text of talks while they go on: an agent's own on the desk, and that of a leader's agent on the floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket

from agent_desktop.dependencies import Me, TheDatabase, TheDesk, TheRendering, TheSignIns, needs
from agent_desktop.floor.scope import scope_of
from agent_desktop.live_text.articles import suggester
from agent_desktop.live_text.marks import marker
from agent_desktop.live_text.pushing import Marks, TextReader
from agent_desktop.ports import TalkTexts, TalkTextView
from agent_desktop.pushing import push_to_person
from agent_desktop.rendering import Rendering
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.access.roles import Permission
from crm_core.db import Database
from crm_core.transcripts.settings import listening

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Looking:
    """Who follows a talk's text, with what it takes."""

    user: SignedInUser
    db: Database
    texts: TalkTexts
    rendering: Rendering

    def say(self, message: str) -> str:
        return self.rendering.translate(self.user.language, message)

    async def marks(self) -> Marks:
        async with self.db.begin() as session:
            return marker((await listening(session)).topics, self.user.language)

    async def may_read(self, view: TalkTextView) -> bool:
        """Whether the agent is one of this leader's; that the talk is read is noted."""
        async with self.db.begin() as session:
            if view.agent not in (await scope_of(session, self.user)).agents:
                return False
            detail = noting(contact=view.call)
            action = {"actor": self.user.number, "action": "floor_read", "subject": view.agent}
            await audit(session, at=clock.now(), **action, detail=detail)
        return True


def looking(me: Me, db: TheDatabase, telephony: TheDesk, rendering: TheRendering) -> Looking:
    return Looking(me, db, telephony.texts, rendering)


Onlooker = Annotated[Looking, Depends(looking)]


@router.websocket("/desk/text", dependencies=[needs(Permission.TAKE_CALLS)])
async def own_text(socket: WebSocket, me: Onlooker, sign_ins: TheSignIns) -> None:
    """Of the talk that this person has, with the articles that may help."""
    suggest = suggester(me.db, me.rendering, me.user)
    reader = TextReader(me.texts, me.user.number, me.say, suggest=suggest, marks=await me.marks())
    await push_to_person(socket, me.user, sign_ins, reader.messages())


@router.websocket("/floor/text/{agent}", dependencies=[needs(Permission.STEER_AGENTS)])
async def text_of_agent(socket: WebSocket, me: Onlooker, sign_ins: TheSignIns, agent: str) -> None:
    """Reading along is listening: for the own teams only, each talk noted in the audit log. Raises NotYourTeam."""
    async with me.db.begin() as session:
        (await scope_of(session, me.user)).require_agent(agent)
    reader = TextReader(me.texts, agent, me.say, may_read=me.may_read, marks=await me.marks())
    await push_to_person(socket, me.user, sign_ins, reader.messages())
