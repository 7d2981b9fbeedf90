"""Judging a talk: the draft, giving the review, a second reviewer, the decision on an appeal."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop import formats
from agent_desktop.admin.forms import text
from agent_desktop.admin.saving import Edit
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.rendering import translate
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, NotFound
from crm_core.notices.actions import mark_read
from crm_core.quality.draw_actions import ask_second
from crm_core.quality.model import QualityReview
from crm_core.quality.reach import reviewed_agents
from crm_core.quality.review_actions import Judgement, decide, save_draft, submit
from crm_core.quality.review_queries import readable_review, review_of, talk
from crm_core.quality.scoring import Marks
from crm_core.quality.stored import load_marks

router = APIRouter(prefix="/quality", dependencies=[needs(Permission.REVIEW_TALKS)])
Sent = Annotated[dict[str, Any], Body()]


@router.post("/talks/{talk_id:int}/draft")
async def keep_draft(edit: Edit, talk_id: int, sent: Sent) -> dict[str, Any]:
    """What was marked so far. 409 when another window saved meanwhile, or it was given already."""
    said = _judgement(sent)

    async def work(session: AsyncSession) -> QualityReview:
        row = await talk(session, talk_id, await reviewed_agents(session, edit.me))
        return (await save_draft(session, row, said, **edit.by))[0]

    return _told(edit, await edit.save(work, tell=False))


@router.post("/talks/{talk_id:int}/submit")
async def give(edit: Edit, talk_id: int, sent: Sent) -> Response:
    """Given to the agent. 422 with `missing` when a criterion has no mark."""
    said = _judgement(sent)

    async def work(session: AsyncSession) -> QualityReview:
        row = await talk(session, talk_id, await reviewed_agents(session, edit.me))
        return await submit(session, row, said, **edit.by)

    try:
        return JSONResponse(_told(edit, await edit.save(work, tell=False)))
    except Invalid as lacking:
        told = translate(edit.request, lacking.message_id, **lacking.values)
        return JSONResponse({"message": told, "missing": lacking.values.get("missing", [])}, lacking.status)


@router.post("/talks/{talk_id:int}/second")
async def ask(edit: Edit, talk_id: int) -> Response:
    """The own review is given; a colleague judges the talk without seeing it."""
    form = await edit.form()

    async def work(session: AsyncSession) -> None:
        row = await talk(session, talk_id, await reviewed_agents(session, edit.me))
        review = await review_of(session, row.id, edit.me.number)
        if review is None:
            raise NotFound("There is no such review.")
        await ask_second(session, review, reviewer=text(form, "reviewer"), **edit.by)

    await edit.save(work, tell=False)
    return RedirectResponse(talk_page(talk_id), 303)


@router.get("/reviews/{review_id:int}")
async def open_review(session: Session, me: Me, review_id: int) -> Response:
    """To the talk, beside which the review stands. NotFound for one this person may not read now."""
    row = await readable_review(session, review_id, me.number, await reviewed_agents(session, me))
    await mark_read(session, me.number, "review", str(row.id), clock.now())
    return RedirectResponse(talk_page(row.recording_id), 303)


@router.post("/reviews/{review_id:int}/decide")
async def decide_on(edit: Edit, review_id: int) -> Response:
    form = await edit.form()

    async def work(session: AsyncSession) -> int:
        row = await readable_review(session, review_id, edit.me.number, await reviewed_agents(session, edit.me))
        marks = _changed_marks(form, row) if text(form, "marks") == "new" else None
        return (await decide(session, row, words=text(form, "words"), marks=marks, **edit.by)).recording_id

    return RedirectResponse(talk_page(await edit.save(work, tell=False)), 303)


def talk_page(recording: int) -> str:
    """Where a talk is heard and judged."""
    return f"/recordings/{recording}"


def _judgement(sent: dict[str, Any]) -> Judgement:
    marks = sent.get("marks")
    return Judgement(
        form=_number(sent.get("form")),
        version=_number(sent.get("version")),
        marks=load_marks(marks if isinstance(marks, dict) else {}),
        comment=str(sent.get("comment") or ""),
        revision=_number(sent.get("revision")),
    )


def _number(raw: object) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else 0


def _told(edit: Edit, row: QualityReview) -> dict[str, Any]:
    at = formats.clock(row.saved_at, edit.request.app.state.site.zone)
    score = None if row.tenths is None else row.tenths / 10
    return {"revision": row.revision, "score": score, "at": at, "given": row.state != "draft"}


def _changed_marks(form: FormData, row: QualityReview) -> Marks:
    """The marks of the form's radio groups; evidence stays."""
    points = {
        name[2:]: int(value)
        for name, value in form.items()
        if name.startswith("c-") and isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 5
    }
    knocked = frozenset(str(one) for one in form.getlist("k"))
    return Marks(points=points, knocked=knocked, evidence=load_marks(row.marks).evidence)
