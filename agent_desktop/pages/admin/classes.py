"""The rules of classes, life cycle and risk, one standard for all dealers; a change is tried before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import FormData

from agent_desktop.admin.forms import base_of, number, text
from agent_desktop.admin.saving import Edit, back_to
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page, translate
from agent_desktop.segments import words
from agent_desktop.segments.pages import Look, TheLook
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, PlatformError
from crm_core.segments.checks import require_usable
from crm_core.segments.preview import Preview, preview
from crm_core.segments.rulebook import (
    CHURN_NUMBERS,
    CLASSES,
    LIFE_CYCLE_NUMBERS,
    MEASURES,
    NAMES,
    SIGNALS,
    State,
    classes_from,
    state_of,
)
from crm_core.segments.rules import KIND, rule_book, save_rules
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable

router = APIRouter(prefix="/admin/classes", dependencies=[needs(Permission.EDIT_RULES)])
PLACES = 2
"""Conditions of a rule in the form."""


@router.get("")
async def show_classes(look: TheLook, saved: int = 0) -> Response:
    return await _page(look, "classes", saved=saved)


@router.get("/{name}")
async def show_rules(look: TheLook, name: str, saved: int = 0) -> Response:
    return await _page(look, name, saved=saved)


@router.post("/classes/preview")
async def try_out(look: TheLook) -> dict[str, Any]:
    """Who would change class under the typed rules; nothing is saved."""
    state = _typed("classes", await look.request.form())
    try:
        require_usable("classes", state)
    except Unusable as wrong:
        told = {field: translate(look.request, one.message_id, **one.values) for field, one in wrong.by_field.items()}
        return {"errors": told, "html": ""}
    found = await preview(look.session, classes_from(state))
    html = look.request.app.state.rendering.render(
        "admin/classes_preview.html", language=look.say.language, found=found, say=look.say
    )
    return {"errors": {}, "html": html}


@router.post("/{name}")
async def save(edit: Edit, look: TheLook, name: str) -> Response:
    if name not in NAMES:
        raise NotFound("There are no such rules.")
    form = await edit.form()
    state = _typed(name, form)
    try:
        saved = await edit.save(
            lambda session: save_rules(session, name, state, base=base_of(form), **edit.by), tell=False
        )
    except PlatformError as refused:
        told = await edit.errors(refused)
        return await _page(look, name, typed=state, errors=told, status=refused.status)
    return back_to(f"/admin/classes/{name}", saved)


def _typed(name: str, form: FormData) -> State:
    if name == "classes":
        return {"rules": _typed_rules(form)}
    if name == "life_cycle":
        return {"stages": number(text(form, "stages")), **_numbers(form, LIFE_CYCLE_NUMBERS)}
    return _numbers(form, (*SIGNALS, *CHURN_NUMBERS))


def _numbers(form: FormData, fields: tuple[str, ...]) -> State:
    return {field: number(text(form, field)) for field in fields}


def _typed_rules(form: FormData) -> list[State]:
    """Rows whose class is not chosen are left out; a second condition without a measure, too."""
    gives = [str(one) for one in form.getlist("gives")]
    measures = [[str(one) for one in form.getlist(f"measure_{place}")] for place in range(PLACES)]
    leasts = [[_amount(str(one)) for one in form.getlist(f"least_{place}")] for place in range(PLACES)]
    whole = min(len(gives), *map(len, measures), *map(len, leasts))
    rules = []
    for row, word in enumerate(gives[:whole]):
        if not word:
            continue
        asked = [
            {"measure": measures[place][row], "least": leasts[place][row]}
            for place in range(PLACES)
            if measures[place][row] or place == 0
        ]
        rules.append({"gives": word, "conditions": asked})
    return rules


def _amount(typed: str) -> int | str:
    plain = typed.strip().replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 11 else typed.strip()


async def _page(
    look: Look,
    name: str,
    *,
    typed: State | None = None,
    errors: Mapping[str, str] = {},
    status: int = 200,
    saved: int = 0,
) -> Response:
    if name not in NAMES:
        raise NotFound("There are no such rules.")
    book = await rule_book(look.session)
    now: Preview | None = await preview(look.session, book.classes) if name == "classes" else None
    return page(
        look.request,
        f"admin/{'classes' if name == 'classes' else 'class_numbers'}.html",
        status_code=status,
        **await look.frame(),
        name=name,
        state=typed or state_of(book, name),
        base=await versions.current_number(look.session, KIND, name),
        errors=errors,
        saved=saved,
        classes=CLASSES,
        measures=MEASURES,
        signals=SIGNALS,
        numbers=LIFE_CYCLE_NUMBERS if name == "life_cycle" else CHURN_NUMBERS,
        totals=now.totals if now else {},
        words=words,
        tabs=words.RULE_TABS,
    )
