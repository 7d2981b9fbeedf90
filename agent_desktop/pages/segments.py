"""Segments: the list with its counts, one with its members, the form that builds one, the portrait of all customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import RedirectResponse, Response

from agent_desktop.admin.forms import base_of
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page, translate
from agent_desktop.segments import words
from agent_desktop.segments.charts import curve, shade, width_of
from agent_desktop.segments.pages import Look, TheLook, place_of, typed_segment
from agent_desktop.segments.reader import first_definition
from crm_core.access.roles import Permission
from crm_core.errors import PlatformError
from crm_core.segments import actions, membership, queries
from crm_core.segments.actions import SegmentChangedMeanwhile
from crm_core.segments.conditions import DIMENSIONS, OPERATORS, WITHOUT_VALUE, read
from crm_core.segments.life_cycle import stages
from crm_core.segments.model import Segment
from crm_core.segments.portrait import history
from crm_core.segments.rules import recompute_all, rule_book
from crm_core.workforce.fields import Unusable
from crm_core.workforce.queries import names

router = APIRouter(prefix="/segments", dependencies=[needs(Permission.SEE_CUSTOMERS)])
EDITING = [needs(Permission.EDIT_RULES)]
PAGE_SIZE = 50


@router.get("")
async def show_segments(look: TheLook, removed: int = 0) -> Response:
    return page(
        look.request,
        "segments/list.html",
        **await look.frame(),
        whole=await look.portrait(),
        lines=await queries.lines(look.session, look.today),
        removed=removed,
        curve=curve,
    )


@router.get("/portrait")
async def show_portrait(look: TheLook) -> Response:
    whole = await look.portrait()
    most = max((cell.customers for cell in whole.cells), default=0)
    return page(
        look.request,
        "segments/portrait.html",
        **await look.frame(),
        whole=whole,
        cells={(cell.recency, cell.frequency): cell for cell in whole.cells},
        shade=lambda count: shade(count, most),
        width_of=width_of,
        classes_then=await history(look.session, "class", look.today),
        risks_then=await history(look.session, "churn", look.today),
        stages_then=await history(look.session, "stage", look.today),
        curve=curve,
    )


@router.post("/recompute", dependencies=EDITING)
async def recompute_now(look: TheLook) -> Response:
    """Everybody anew, now and not only at night."""
    await recompute_all(look.session, look.now)
    return RedirectResponse("/segments", 303)


@router.post("/ready", dependencies=EDITING)
async def add_ready_made(look: TheLook) -> Response:
    await actions.add_ready(look.session, **look.by)
    return RedirectResponse("/segments", 303)


@router.post("/count")
async def count_now(look: TheLook, definition: Annotated[dict[str, Any], Body(embed=True)]) -> dict[str, Any]:
    """How many customers a definition would have, with its sentence; wrong conditions by their places."""
    try:
        found = read(definition)
    except Unusable as wrong:
        told = {field: translate(look.request, one.message_id, **one.values) for field, one in wrong.by_field.items()}
        return {"count": None, "sentence": "", "errors": told}
    count = await membership.count(look.session, found, look.today, look.reach)
    return {"count": count, "sentence": look.say.definition(definition), "errors": {}}


@router.get("/new", dependencies=EDITING)
async def new_segment(look: TheLook) -> Response:
    fresh = {"name": "", "note": "", "dimension": "behaviour", "definition": first_definition()}
    return await _form(look, None, fresh)


@router.post("/new", dependencies=EDITING)
async def make_segment(look: TheLook) -> Response:
    return await _save(look, None)


@router.get("/{segment_id}/edit", dependencies=EDITING)
async def edit_segment(look: TheLook, segment_id: int) -> Response:
    row = await membership.segment(look.session, segment_id)
    typed = {"name": look.say.name(row), "note": row.note, "dimension": row.dimension, "definition": row.definition}
    return await _form(look, row, typed)


@router.post("/{segment_id}/edit", dependencies=EDITING)
async def save_changes(look: TheLook, segment_id: int) -> Response:
    return await _save(look, segment_id)


async def _save(look: Look, segment_id: int | None) -> Response:
    form = await look.request.form()
    typed = typed_segment(form)
    row = await membership.segment(look.session, segment_id) if segment_id is not None else None
    own = row is not None and typed["name"] == look.say.name(row)
    wanted = {**typed, "name": row.name} if own and row is not None else typed
    try:
        async with look.session.begin_nested():
            saved = await actions.save_segment(look.session, segment_id, wanted, base=base_of(form), **look.by)
    except (Unusable, SegmentChangedMeanwhile) as refused:
        return await _form(look, row, typed, errors=await _told(look, refused), status=refused.status)
    return RedirectResponse(f"/segments/{saved.id}", 303)


async def _told(look: Look, refused: PlatformError) -> dict[str, str]:
    if isinstance(refused, Unusable):
        found = refused.by_field.items()
        return {field: translate(look.request, one.message_id, **one.values) for field, one in found}
    values = dict(refused.values)
    known = (await names(look.session)).get(str(values.get("by")))
    if known:
        values["by"] = known[look.say.language == "en"]
    return {"": translate(look.request, refused.message_id, **values)}


async def _form(
    look: Look, row: Segment | None, typed: Mapping[str, Any], *, errors: Mapping[str, str] = {}, status: int = 200
) -> Response:
    return page(
        look.request,
        "segments/edit.html",
        status_code=status,
        **await look.frame(),
        segment=row,
        typed=typed,
        errors=errors,
        dimensions=DIMENSIONS,
        builder={
            "definition": typed["definition"] or first_definition(),
            "errors": {field: text for field, text in errors.items() if "." in field},
            "fields": look.say.fields(stages((await rule_book(look.session)).life_cycle)),
            "operators": {kind.value: list(ops) for kind, ops in OPERATORS.items()},
            "without": list(WITHOUT_VALUE),
            "words": {code: look.say.word("OPERATORS", code) for code in words.OPERATORS},
            "dimensions": {code: look.say.word("DIMENSIONS", code) for code in DIMENSIONS},
        },
    )


@router.get("/{segment_id}")
async def show_segment(
    request: Request, look: TheLook, segment_id: int, which: str = "all", after: str = ""
) -> Response:
    """A segment as it is now; the cursor is in the address."""
    row = await membership.segment(look.session, segment_id)
    which = which if which in queries.WHICH else "all"
    rows = await queries.member_page(
        look.session,
        row,
        look.today,
        which=which,
        after=place_of(after),
        limit=PAGE_SIZE + 1,
        reach=look.reach,
    )
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return page(
        request,
        "segments/segment.html",
        **await look.frame(),
        segment=row,
        count=await membership.count(look.session, read(row.definition), look.today, look.reach),
        line=await queries.line(look.session, row, look.today),
        rows=rows[:PAGE_SIZE],
        which=which,
        after=after,
        more=f"{last.value_yuan}.{last.customer_id}" if last else "",
        curve=curve,
        people=await names(look.session),
    )


@router.post("/{segment_id}/remove", dependencies=EDITING)
async def remove(look: TheLook, segment_id: int) -> Response:
    row = await actions.remove_segment(look.session, segment_id, actor=look.me.number, at=look.now)
    return RedirectResponse(f"/segments?removed={row.id}", 303)


@router.post("/{segment_id}/restore", dependencies=EDITING)
async def restore(look: TheLook, segment_id: int) -> Response:
    row = await actions.bring_back(look.session, segment_id, actor=look.me.number, at=look.now)
    return RedirectResponse(f"/segments/{row.id}", 303)
