"""The rules of care: the list in its order, one rule's form, and how many each would contact in the next 30 days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from secrets import token_hex
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin.forms import base_of, text
from agent_desktop.admin.saving import Edit, back_to, shown
from agent_desktop.care import words
from agent_desktop.dependencies import Me, Session, needs
from agent_desktop.rendering import language_of, page, translate
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.campaigns.model import Campaign
from crm_core.care.calendar import calendar
from crm_core.care.planned import Asked
from crm_core.care.rulebook import By, CareRule, Trigger, write_rules
from crm_core.care.settings import DIALLED, KIND, SUBJECT, care_rules, save_care_rules
from crm_core.errors import NotFound, PlatformError
from crm_core.leads.settings import lead_rules
from crm_core.workforce import versions

router = APIRouter(prefix="/care/rules", dependencies=[needs(Permission.SEE_CAMPAIGNS)])
NEW = "new"
PREVIEW_DAYS = 30
State = dict[str, Any]


@router.get("")
async def show_rules(request: Request, session: Session, me: Me, saved: int = 0) -> Response:
    return await _page(request, session, me, "", saved=saved)


@router.get("/{rule_id}")
async def show_rule(request: Request, session: Session, me: Me, rule_id: str, saved: int = 0) -> Response:
    """Raises NotFound; "new" is the form of one that is not there yet."""
    return await _page(request, session, me, rule_id, saved=saved)


@router.post("/{rule_id}", dependencies=[needs(Permission.RUN_CAMPAIGNS)])
async def save_rule(edit: Edit, rule_id: str) -> Response:
    """What was typed stays when it is refused."""
    form = await edit.form()
    typed = _typed(form) | {"id": f"r{token_hex(5)}" if rule_id == NEW else rule_id}

    def put(rules: list[State]) -> list[State]:
        if rule_id == NEW:
            return [*rules, typed]
        return [typed if one["id"] == rule_id else one for one in rules]

    return await _changed(edit, rule_id, put, typed, base_of(form), back=f"/care/rules/{typed['id']}")


@router.post("/{rule_id}/{act}", dependencies=[needs(Permission.RUN_CAMPAIGNS)])
async def act_on(edit: Edit, rule_id: str, act: str) -> Response:
    """up, down, on or off: at once, with a way back."""
    if act not in ("up", "down", "on", "off"):
        raise NotFound("This page does not exist.")

    def change(rules: list[State]) -> list[State]:
        place = next(number for number, one in enumerate(rules) if one["id"] == rule_id)
        if act in ("on", "off"):
            return [{**one, "on": act == "on"} if one["id"] == rule_id else one for one in rules]
        other = min(max(place + (1 if act == "down" else -1), 0), len(rules) - 1)
        rules[place], rules[other] = rules[other], rules[place]
        return rules

    return await _changed(edit, rule_id, change, None, None, back="/care/rules")


async def _changed(
    edit: Edit,
    rule_id: str,
    change: Callable[[list[State]], list[State]],
    typed: State | None,
    base: int | None,
    *,
    back: str,
) -> Response:
    async def work(session: AsyncSession) -> Any:
        rules = write_rules(await care_rules(session))["rules"]
        if rule_id != NEW and rule_id not in {one["id"] for one in rules}:
            raise NotFound("There is no such rule.")
        return await save_care_rules(session, {"rules": change(rules)}, base=base, **edit.by)

    try:
        saved = await edit.save(work, tell=False)
    except NotFound:
        raise
    except PlatformError as refused:
        told = await edit.errors(refused)
        return await _page(
            edit.request, edit.session, edit.me, rule_id, typed=typed, errors=told, status=refused.status
        )
    return back_to(back, saved)


def _typed(form: FormData) -> State:
    """A rule as the form has it; a number that is none stays as it was typed."""
    state: State = {name: text(form, name) for name in ("name_zh", "name_en", "trigger", "owner", "by")}
    state |= {name: text(form, name) for name in ("channel", "purpose")}
    state |= {name: _number(text(form, name)) for name in ("days", "window", "attempts")}
    state |= {name: [str(one) for one in form.getlist(name)] for name in ("energies", "classes", "horizons")}
    state |= {name: _list(text(form, name)) for name in ("models", "regions")}
    campaign = _number(text(form, "campaign")) if state["by"] == By.CENTRE else None
    return state | {"on": text(form, "on") == "1", "campaign": campaign if isinstance(campaign, int) else None}


def _number(typed: str) -> int | str:
    digits = typed.removeprefix("-")
    return int(typed) if digits.isascii() and digits.isdigit() and len(digits) < 6 else typed


def _list(typed: str) -> list[str]:
    """Words parted by commas, also Chinese ones."""
    return [word for one in typed.replace("，", ",").replace("、", ",").split(",") if (word := one.strip())]


async def _page(
    request: Request,
    session: AsyncSession,
    me: Me,
    chosen: str,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    saved: int = 0,
) -> Response:
    rules = await care_rules(session)
    known = {one.id: one for one in rules}
    if chosen and chosen != NEW and chosen not in known:
        raise NotFound("There is no such rule.")
    now, zone = clock.now(), request.app.state.site.zone
    today = now.astimezone(zone).date()
    asked = Asked(first=today, last=today + timedelta(days=PREVIEW_DAYS))
    preview = await calendar(session, asked, at=now, zone=zone)
    first = known.get(chosen) or CareRule(id=NEW, name_zh="", trigger=Trigger.DELIVERY, days=14)
    return page(
        request,
        "care/rules.html",
        status_code=status,
        rules=rules,
        chosen=chosen,
        rule=shown(write_rules([first])["rules"][0], typed),
        errors=errors or {},
        base=await versions.current_number(session, KIND, SUBJECT),
        counts=preview.per_rule,
        settled=preview.settled,
        nurture_days=(await lead_rules(session)).nurture_days,
        campaigns=await _campaigns(session),
        may_edit=me.may(Permission.RUN_CAMPAIGNS),
        spoken=language_of(request),
        saved=saved,
        words=words,
        choices=lambda known: [(code, translate(request, word)) for code, word in known.items()],
        new=NEW,
    )


async def _campaigns(session: AsyncSession) -> list[tuple[int, str]]:
    found = select(Campaign.id, Campaign.name).where(Campaign.status != "ended", Campaign.mode.in_(DIALLED))
    return [(row.id, row.name) for row in await session.execute(found.order_by(Campaign.name))]
