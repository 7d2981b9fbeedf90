"""Knowledge beside a call: search as you type, read, insert, send, judge, and ask for what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from agent_desktop.dependencies import Me, Session, TheDatabase, TheDesk, TheRendering, needs
from agent_desktop.desk.words import SEND_BY
from agent_desktop.knowledge.reading import read_article
from agent_desktop.live import TheHub
from agent_desktop.ports import Telephony
from agent_desktop.rendering import page
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.customers.model import Customer
from crm_core.errors import NotFound, Refused
from crm_core.history.model import Contact
from crm_core.knowledge import questions, usage
from crm_core.knowledge.model import ArticleVote
from crm_core.knowledge.queries import search
from crm_core.knowledge.sending import send

router = APIRouter(prefix="/api/knowledge", dependencies=[needs(Permission.SEE_KNOWLEDGE)])
_NO_STORE = {"Cache-Control": "no-store"}


class Use(BaseModel):
    """`contact` "" = not in a contact."""

    contact: str = Field("", max_length=64)
    channel: str = Field("", max_length=10)


class Vote(BaseModel):
    useful: bool
    reason: str = Field("", max_length=300)
    contact: str = Field("", max_length=64)


class Question(BaseModel):
    text: str = Field("", max_length=200)
    contact: str = Field("", max_length=64)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, in the transaction of the request."""

    session: AsyncSession
    me: SignedInUser
    telephony: Telephony

    async def own_contact(self, contact_id: str) -> Contact | None:
        """The agent's own contact; None without one. Raises NotFound for anybody else's.

        A call that the history has not written yet is own when it is on the desk.
        """
        if not contact_id:
            return None
        view = self.telephony.desk(self.me.number)
        on_desk = contact_id in (view.last_call, view.call.call if view.call else "")
        row = await self.session.get(Contact, contact_id)
        if not on_desk and (row is None or row.agent != self.me.number):
            raise NotFound("There is no such contact among yours.")
        return row


async def asker(session: Session, me: Me, telephony: TheDesk) -> Asker:
    return Asker(session, me, telephony)


TheAsker = Annotated[Asker, Depends(asker, scope="function")]


@router.get("/found")
async def find(
    request: Request,
    session: Session,
    me: Me,
    rendering: TheRendering,
    words: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    """The cards that fit what was typed."""
    today = clock.now().astimezone(rendering.site.zone).date()
    hits = await search(session, words, on=today, language=me.language, limit=8)
    return page(request, "desk/knowledge_found.html", hits=hits, words=words.strip())


@router.post("/searched")
async def searched(
    session: Session, me: Me, rendering: TheRendering, words: Annotated[str, Body(embed=True, max_length=120)]
) -> JSONResponse:
    """Somebody stopped typing: these words count."""
    now = clock.now()
    hits = await search(session, words, on=now.astimezone(rendering.site.zone).date(), limit=20)
    await usage.searched(session, words, len(hits), actor=me.number, at=now)
    return JSONResponse({"hits": len(hits)})


@router.post("/{article_id}/open")
async def open_article(request: Request, asker: TheAsker, article_id: int, use: Use) -> HTMLResponse:
    """The whole article for the assist column; that it was opened is counted."""
    contact = await asker.own_contact(use.contact)
    await usage.used(asker.session, article_id, "opened", contact_id=use.contact, actor=asker.me.number, at=clock.now())
    read = await read_article(asker.session, article_id, asker.me.language)
    vote = select(ArticleVote.useful).where(
        ArticleVote.article_id == article_id,
        ArticleVote.agent == asker.me.number,
        ArticleVote.contact_id == use.contact,
    )
    return page(
        request,
        "desk/knowledge_article.html",
        article=read.article,
        title=read.title,
        answer=read.answer,
        body=read.body,
        files=read.files,
        language_of_text=read.language,
        voted=await asker.session.scalar(vote),
        may_send=contact is not None and contact.customer_id is not None,
        channels=SEND_BY,
    )


@router.post("/{article_id}/opened")
async def opened(asker: TheAsker, article_id: int) -> JSONResponse:
    """Somebody reads it on its own page."""
    await usage.used(asker.session, article_id, "opened", actor=asker.me.number, at=clock.now())
    return JSONResponse({})


@router.post("/{article_id}/insert")
async def insert(asker: TheAsker, hub: TheHub, article_id: int, use: Use) -> JSONResponse:
    """The text for the note; which article was used in which contact is kept."""
    contact = await asker.own_contact(use.contact)
    customer = contact.customer_id if contact else None
    await usage.used(
        asker.session,
        article_id,
        "inserted",
        contact_id=use.contact,
        customer_id=customer,
        actor=asker.me.number,
        at=clock.now(),
    )
    read = await read_article(asker.session, article_id, asker.me.language)
    brackets = " [{}, #{}]" if asker.me.language == "en" else "［{}·#{}］"
    text = read.short + brackets.format(read.title, article_id)
    return JSONResponse({"text": text}, background=BackgroundTask(hub.refreshed, asker.me.number))


@router.post("/{article_id}/send")
async def send_article(
    asker: TheAsker, db: TheDatabase, rendering: TheRendering, article_id: int, use: Use
) -> JSONResponse:
    """To the customer of the contact; by post as a case, whose number is in the answer."""
    contact = await asker.own_contact(use.contact)
    if contact is None or contact.customer_id is None:
        raise Refused("Say first who is calling: then it can be sent.")
    customer = await asker.session.get(Customer, contact.customer_id)
    # The gate locks before it reads: in SQLite that needs a transaction of its own.
    async with db.begin() as session:
        number = await send(
            session,
            article_id,
            contact.customer_id,
            use.channel,
            contact_id=contact.id,
            language=(customer.language if customer else "") or "zh-CN",
            actor=asker.me.number,
            at=clock.now(),
            zone=rendering.site.zone,
        )
    return JSONResponse({"case": number})


@router.post("/{article_id}/vote")
async def vote(asker: TheAsker, article_id: int, given: Vote) -> JSONResponse:
    await asker.own_contact(given.contact)
    await usage.vote(
        asker.session,
        article_id,
        given.useful,
        reason=given.reason,
        contact_id=given.contact,
        actor=asker.me.number,
        at=clock.now(),
    )
    return JSONResponse({})


@router.post("/ask")
async def ask(asker: TheAsker, question: Question) -> JSONResponse:
    """What could not be found goes to the authors."""
    contact = await asker.own_contact(question.contact)
    asked = await questions.ask(
        asker.session,
        question.text,
        contact_id=question.contact,
        topic=(contact.kind or contact.topic)[:16] if contact else "",
        actor=asker.me.number,
        at=clock.now(),
    )
    return JSONResponse({"question": asked.id, "asked": asked.asked})


@router.post("/questions/{question_id}/noted")
async def noted(session: Session, me: Me, hub: TheHub, question_id: int) -> JSONResponse:
    await questions.noted(session, question_id, actor=me.number, at=clock.now())
    return JSONResponse({}, background=BackgroundTask(hub.refreshed, me.number))
