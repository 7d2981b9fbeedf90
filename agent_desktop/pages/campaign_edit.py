"""A campaign's plan: made, changed while it runs, and what people do with it: test, start, pause, stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from agent_desktop.admin.forms import base_of, number, text
from agent_desktop.campaigns import words
from agent_desktop.campaigns.forms import campaign_from, typed_of
from agent_desktop.campaigns.live import hub_of
from agent_desktop.campaigns.picture import listening_since
from agent_desktop.campaigns.reader import Look, TheLook
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page, translate
from crm_core.access.roles import Permission
from crm_core.campaigns import actions, entries
from crm_core.campaigns.actions import CampaignChangedMeanwhile
from crm_core.campaigns.detection import PARTS
from crm_core.campaigns.model import Campaign
from crm_core.campaigns.rules import IN_NAME_OF, MODES, RETRIED, settings_from
from crm_core.consent.purposes import Purpose
from crm_core.errors import Invalid, NotFound, PlatformError, Refused
from crm_core.knowledge.model import Article, ArticleVersion
from crm_core.questionnaires.model import Questionnaire, QuestionnaireVersion
from crm_core.workforce.fields import Unusable
from crm_core.workforce.queries import queues
from reports.campaign_queries import HeardCounts, heard

router = APIRouter(prefix="/campaigns", dependencies=[needs(Permission.SEE_CAMPAIGNS), needs(Permission.RUN_CAMPAIGNS)])


@router.get("/new")
async def new_campaign(look: TheLook, like: int = 0) -> Response:
    """`like`: a campaign whose plan the new one begins with."""
    typed = typed_of(await actions.campaign(look.session, like)) if like else typed_of(None)
    return await _form(look, None, {**typed, "name": ""})


@router.post("/new")
async def make_campaign(look: TheLook) -> Response:
    return await _save(look, None)


@router.get("/{campaign_id:int}/edit")
async def edit_campaign(look: TheLook, campaign_id: int) -> Response:
    row = await actions.campaign(look.session, campaign_id)
    return await _form(look, row, typed_of(row))


@router.post("/{campaign_id:int}/edit")
async def save_changes(look: TheLook, campaign_id: int) -> Response:
    return await _save(look, campaign_id)


async def _save(look: Look, campaign_id: int | None) -> Response:
    """What was typed stays on the page when it is refused."""
    form = await look.request.form()
    typed, wrong = campaign_from(form)
    row = await actions.campaign(look.session, campaign_id) if campaign_id is not None else None
    try:
        if wrong:
            raise Unusable(wrong)
        async with look.session.begin_nested():
            saved = await actions.save_campaign(look.session, campaign_id, typed, base=base_of(form), **look.by)
    except (Invalid, Refused, CampaignChangedMeanwhile) as refused:
        return await _form(look, row, typed, errors=_told(look, refused), base=base_of(form), status=refused.status)
    hub_of(look.request).forget(saved.id)
    return RedirectResponse(f"/campaigns/{saved.id}" + ("" if campaign_id else "/entries"), 303)


def _told(look: Look, refused: PlatformError) -> dict[str, str]:
    if isinstance(refused, Unusable):
        return {name: translate(look.request, one.message_id, **one.values) for name, one in refused.by_field.items()}
    return {"": translate(look.request, refused.message_id, **refused.values)}


@router.post("/{campaign_id:int}/sample")
async def choose_sample(look: TheLook, campaign_id: int) -> Response:
    """Choose so many of the list and call them, nobody else."""
    count = number(text(await look.request.form(), "count"))
    await entries.choose_sample(look.session, campaign_id, count if isinstance(count, int) else 0, **look.by)
    return await _done(look, await actions.start_sample(look.session, campaign_id, **look.by))


@router.post("/{campaign_id:int}/start")
async def start(look: TheLook, campaign_id: int) -> Response:
    return await _done(look, await actions.start(look.session, campaign_id, **look.by))


@router.post("/{campaign_id:int}/pause")
async def pause(look: TheLook, campaign_id: int) -> Response:
    return await _done(look, await actions.pause(look.session, campaign_id, **look.by))


@router.post("/{campaign_id:int}/end")
async def end(look: TheLook, campaign_id: int) -> Response:
    why = text(await look.request.form(), "why")
    return await _done(look, await actions.end(look.session, campaign_id, why=why, **look.by))


async def _done(look: Look, row: Campaign) -> Response:
    hub_of(look.request).forget(row.id)
    return RedirectResponse(f"/campaigns/{row.id}", 303)


async def _form(
    look: Look,
    row: Campaign | None,
    typed: Mapping[str, Any],
    *,
    errors: Mapping[str, str] = {},
    base: int | None = None,
    status: int = 200,
) -> Response:
    if row is not None and row.status == "ended" and status == 200:
        raise NotFound("There is no such campaign.")
    return page(
        look.request,
        "campaigns/edit.html",
        status_code=status,
        **look.frame,
        row=row,
        typed=typed,
        errors=errors,
        base=row.revision if row is not None and base is None else base,
        modes=MODES,
        sentences=words.MODE_SENTENCES,
        purposes=[one.value for one in Purpose if one is not Purpose.SERVICE],
        in_name_of=IN_NAME_OF,
        queues=await queues(look.session),
        questionnaires=await _questionnaires(look),
        scripts=await _scripts(look),
        retried=RETRIED,
        detection=PARTS,
        heard=await _heard(look, row),
    )


async def _heard(look: Look, row: Campaign | None) -> HeardCounts:
    if row is None:
        return HeardCounts()
    return await heard(look.session, row.id, listening_since(settings_from(row.settings)))


async def _scripts(look: Look) -> list[tuple[int, str]]:
    """Published talk guides of the knowledge base."""
    rows = await look.session.execute(
        select(Article.id, ArticleVersion.title_zh, ArticleVersion.title_en)
        .join(ArticleVersion, (ArticleVersion.article_id == Article.id) & (ArticleVersion.number == Article.published))
        .where(Article.kind == "script", Article.status == "published")
        .order_by(Article.id)
    )
    english = look.say.language == "en"
    return [(key, (title_en if english else "") or title_zh or title_en) for key, title_zh, title_en in rows]


async def _questionnaires(look: Look) -> list[tuple[str, str, int]]:
    """Those that can be asked: id/version, name, the version in force; "id/0" follows whatever is published."""
    rows = await look.session.execute(
        select(Questionnaire, QuestionnaireVersion.number)
        .join(QuestionnaireVersion, QuestionnaireVersion.questionnaire_id == Questionnaire.id)
        .where(Questionnaire.archived_at.is_(None), QuestionnaireVersion.state != "draft")
        .order_by(Questionnaire.id, QuestionnaireVersion.number.desc())
    )
    found: list[tuple[str, str, int]] = []
    seen: set[int] = set()
    for one, version in rows:
        name = one.name_en if look.say.language == "en" and one.name_en else one.name_zh
        if one.id not in seen:
            seen.add(one.id)
            found.append((f"{one.id}/0", name, 0))
        found.append((f"{one.id}/{version}", name, version))
    return found
