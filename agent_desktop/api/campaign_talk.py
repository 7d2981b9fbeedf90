"""Beside a campaign's call: whose campaign, in whose name, what to say and ask; saved as it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from agent_desktop.campaigns import words
from agent_desktop.campaigns.answer_keys import Key, keys_of
from agent_desktop.customers.words import PURPOSES
from agent_desktop.dependencies import Me, Session, TheDesk, needs
from agent_desktop.naming import names_for
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.campaigns.talk import Talk, Told, save_talk, talk_of
from crm_core.errors import Invalid
from crm_core.knowledge.scripts import script_of
from crm_core.questionnaires import answering
from crm_core.questionnaires.answering import Round
from crm_core.questionnaires.questions import Given, Kind
from crm_core.workforce.queries import names

router = APIRouter(prefix="/api/campaign-talk/{contact}", dependencies=[needs(Permission.TAKE_CALLS)])


class TalkEntries(BaseModel):
    """The form as the page sends it; "" is "not told"."""

    disposition: str = Field("", max_length=24)
    note: str = Field("", max_length=2000)
    call_again: str = Field("", max_length=16)
    mileage_km: str = Field("", max_length=9)
    preference: str = Field("", max_length=120)
    wish: str = Field("", max_length=200)
    take_wish: bool = False


class AnswerEntry(BaseModel):
    """`token` as questionnaires.questions has it; `text` is a comment's. Both "" = passed over."""

    question: str = Field(max_length=16)
    token: str = Field("", max_length=16)
    text: str = Field("", max_length=2000)


@dataclass(frozen=True, slots=True)
class Own:
    """One of the agent's own campaign calls in this request."""

    request: Request
    session: Session
    me: SignedInUser
    contact: str
    on_desk: tuple[str, ...]

    async def talk(self) -> Talk:
        return await talk_of(self.session, self.contact, agent=self.me.number, on_desk=self.on_desk)

    async def round(self, talk: Talk) -> Round | None:
        """None = this campaign asks nothing."""
        if talk.campaign.questionnaire_id is None:
            return None
        return await answering.begin(
            self.session,
            self.contact,
            questionnaire=talk.campaign.questionnaire_id,
            version=talk.campaign.questionnaire_version,
            how="agent",
            language=talk.settings.language or talk.customer.language or "zh-CN",
            customer_id=talk.customer.id,
            entry=talk.entry,
            agent=self.me.number,
            at=clock.now(),
        )


def own_talk(
    request: Request, session: Session, me: Me, telephony: TheDesk, contact: Annotated[str, Path(max_length=64)]
) -> Own:
    view = telephony.desk(me.number)
    return Own(request, session, me, contact, (view.last_call, view.call.call if view.call else ""))


TheTalk = Annotated[Own, Depends(own_talk)]


@router.get("")
async def show(own: TheTalk) -> HTMLResponse:
    """Raises NotFound for a colleague's call and one of nobody alike."""
    return await _panel(own)


@router.post("")
async def save(own: TheTalk, entries: TalkEntries) -> Response:
    """What is written so far. Raises Invalid with the field that is wrong; nothing else is lost."""
    told = Told(
        disposition=entries.disposition,
        note=entries.note,
        call_again=_time(entries.call_again, own.request.app.state.site.zone),
        mileage_km=_whole(entries.mileage_km),
        preference=entries.preference,
        wish=entries.wish,
        take_wish=entries.take_wish,
    )
    zone, now = own.request.app.state.site.zone, clock.now()
    await save_talk(own.session, own.contact, told, zone=zone, actor=own.me.number, at=now, on_desk=own.on_desk)
    return JSONResponse({"at": clock.instant(now)})


@router.post("/answer")
async def answer(own: TheTalk, entry: AnswerEntry) -> HTMLResponse:
    """The customer's answer, read out and typed; the panel with the next question comes back."""
    talk = await own.talk()
    going = await own.round(talk)
    asked = going.asked.content.question(entry.question) if going else None
    if asked is None:
        raise Invalid("Choose one of the answers.", field=entry.question)
    choice = entry.token if asked.kind is Kind.CHOICE else ""
    value = int(entry.token) if not choice and entry.token.isascii() and entry.token.isdigit() else None
    given = Given(value=value, choice=choice, text=entry.text)
    after = await answering.give(own.session, own.contact, entry.question, given, at=clock.now())
    if after.question is None:
        await answering.finish(own.session, own.contact, at=clock.now())
    return await _panel(own)


@router.post("/undo")
async def undo(own: TheTalk) -> HTMLResponse:
    """The last answer is taken back."""
    await own.talk()
    await answering.take_back(own.session, own.contact, at=clock.now())
    return await _panel(own)


async def _panel(own: Own) -> HTMLResponse:
    talk = await own.talk()
    going = await own.round(talk)
    language = language_of(own.request)
    spoken = talk.settings.language or talk.customer.language or "zh-CN"
    zone = own.request.app.state.site.zone
    script = await script_of(own.session, talk.settings.script, language=spoken, on=clock.now().astimezone(zone).date())
    named = names_for(language, await names(own.session), [])
    gaps = {
        "customer": talk.customer.name,
        "agent": named.person(own.me.number),
        "site": own.request.app.state.site.name,
        "vehicle": talk.vehicle.model if talk.vehicle else "",
    }
    keys: list[Key] = keys_of(going.question, spoken) if going and going.question else []
    values: dict[str, Any] = {"talk": talk, "going": going, "keys": keys, "spoken": spoken, "words": words}
    later = talk.entry.due_at if talk.attempt.disposition == "call_later" else None
    again = later.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if later else ""
    guide = script.filled(gaps) if script else None
    return page(own.request, "desk/campaign.html", guide=guide, again=again, purposes=PURPOSES, **values)


def _time(typed: str, zone: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone) if typed else None
    except ValueError:
        return None


def _whole(typed: str) -> int | None:
    """None = nothing was typed. Raises Invalid for what is no number."""
    plain = typed.replace(",", "").replace("，", "").strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit()):
        raise Invalid("Enter whole numbers.", field="mileage_km")
    return int(plain)
