"""Opening hours: week, special days and holidays of each calendar, whether we are open now, the closure switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.admin import words as admin_words
from agent_desktop.admin.forms import base_of, text, week_from
from agent_desktop.admin.month import month_of, month_weeks, neighbours, now_of
from agent_desktop.admin.saving import Edit, Editor, back_to, shown
from agent_desktop.dependencies import needs
from agent_desktop.rendering import page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import Invalid, NotFound, PlatformError
from crm_core.lines.queries import served_numbers
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable
from crm_core.workforce.holidays import read_year, shipped_year
from crm_core.workforce.hours_actions import (
    WEEKDAYS,
    calendar_state,
    remove_calendar,
    save_calendar,
    with_special_days,
)
from crm_core.workforce.hours_queries import calendars, closures_now, past_closures
from crm_core.workforce.queries import names
from crm_core.workforce.spans import read_spans, write_spans
from crm_core.workforce.versions import State
from ivr.catalogue import catalogue
from ivr.hours import shipped_hours

router = APIRouter(prefix="/admin/hours", dependencies=[needs(Permission.EDIT_WORKFORCE)])
NEW, GENERAL = "new", "general"


@router.get("")
async def show_hours(edit: Edit, saved: int = 0) -> Response:
    return await hours_page(edit, saved=saved)


@router.get("/{calendar}")
async def show_calendar(edit: Edit, calendar: str, saved: int = 0) -> Response:
    return await hours_page(edit, calendar, saved=saved)


@router.post("/{calendar}")
async def save_week(edit: Edit, calendar: str) -> Response:
    """Names, numbers and the seven days; special days stay as they are."""
    form = await edit.form()
    week, typed_week, problems = week_from(form)
    chosen = text(form, "id").replace(NEW, "") if calendar == NEW else calendar
    typed: dict[str, Any] = {"name_zh": text(form, "name_zh"), "name_en": text(form, "name_en"), "week": week}
    typed["entries"] = [str(one) for one in form.getlist("entries")]

    async def work(session: AsyncSession) -> Any:
        if problems:
            raise Unusable(problems)
        return await _save(edit, session, chosen, {**await _state(session, chosen), **typed}, base_of(form))

    try:
        saved = await edit.save(work, tell=False)
    except PlatformError as refused:
        again = {**typed, "id": chosen, "typed_week": typed_week, "errors": await edit.errors(refused)}
        return await hours_page(edit, calendar, typed=again, status=refused.status)
    return back_to(f"/admin/hours/{chosen}", saved)


@router.post("/{calendar}/day")
async def save_day(edit: Edit, calendar: str) -> Response:
    """One special day, or back to what the week says."""
    form = await edit.form()
    day = text(form, "day")

    async def work(session: AsyncSession) -> Any:
        state = await _state(session, calendar)
        days = [one for one in state["days"] if one["day"] != day]
        days += [_special(form)] if text(form, "kind") else []
        return await _save(edit, session, calendar, {**state, "days": days}, base_of(form))

    try:
        saved = await edit.save(work, tell=False)
    except PlatformError as refused:
        told = {"errors": {"days": await edit.sentence(refused)}}
        return await hours_page(edit, calendar, typed=told, day=day, status=refused.status)
    return back_to(f"/admin/hours/{calendar}?month={day[:7]}", saved)


def _special(form: FormData) -> dict[str, Any]:
    kind, weekday = text(form, "kind"), text(form, "as_weekday")
    return {
        "day": text(form, "day"),
        "kind": kind,
        "name": text(form, "name"),
        "as_weekday": int(weekday) if kind == "workday" and weekday in tuple("0123456") else 0,
        "spans": read_spans(text(form, "hours")) if kind == "hours" else [],
    }


@router.post("/{calendar}/import")
async def import_year(edit: Edit, calendar: str) -> Response:
    """The days that were read are shown first; only the second step saves them."""
    form = await edit.form()
    year, pasted = text(form, "year"), text(form, "text")
    when = int(year) if year.isdecimal() and len(year) == 4 else clock.now().year
    try:
        days = read_year(pasted, year=when) if pasted else shipped_year(when)
        if not days:
            raise Invalid("Paste the notice or a list: the product has no holidays of {year}.", year=when, field="text")
        if text(form, "step") != "save":
            return await hours_page(edit, calendar, preview={"days": days, "text": pasted, "year": when})

        async def work(session: AsyncSession) -> Any:
            state = with_special_days(await _state(session, calendar), days)
            return await _save(edit, session, calendar, state, base_of(form))

        saved = await edit.save(work, tell=False)
    except PlatformError as refused:
        told = {"errors": {"text": await edit.sentence(refused)}}
        kept = {"days": [], "text": pasted, "year": when}
        return await hours_page(edit, calendar, typed=told, preview=kept, status=refused.status)
    return back_to(f"/admin/hours/{calendar}?month={days[0].day:%Y-%m}", saved)


@router.post("/{calendar}/remove")
async def remove(edit: Edit, calendar: str) -> Response:
    base = base_of(await edit.form())
    try:
        saved = await edit.save(lambda session: remove_calendar(session, calendar, base=base, **edit.by), tell=False)
    except PlatformError as refused:
        told = {"errors": {"": await edit.sentence(refused)}}
        return await hours_page(edit, calendar, typed=told, status=refused.status)
    return back_to("/admin/hours", saved)


async def _save(edit: Editor, session: AsyncSession, calendar: str, state: State, base: int | None) -> Any:
    return await save_calendar(session, calendar, state, base=base, **edit.by)


async def _state(session: AsyncSession, calendar: str) -> State:
    row = next((row for row in await calendars(session) if row.id == calendar), None)
    return calendar_state(row) if row else first_state()


def first_state() -> State:
    """The calendar before anybody saved one: the hours that come with the product, for every number."""
    week = [[list(asdict(span).values()) for span in day] for day in shipped_hours().week]
    names_of_it = {"name_zh": "全部号码", "name_en": "All numbers"}
    return {**names_of_it, "entries": [], "position": 0, "week": week, "days": []}


async def hours_page(
    edit: Editor,
    calendar: str = "",
    *,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
    saved: int = 0,
    day: str = "",
    preview: Mapping[str, Any] | None = None,
    closing: Mapping[str, Any] | None = None,
) -> Response:
    """The page of one calendar; the first one when none is named. `typed` is what was refused, with its "errors"."""
    request, session = edit.request, edit.session
    rows = await calendars(session)
    states = {row.id: calendar_state(row) for row in rows} or {GENERAL: first_state()}
    chosen = calendar or next(iter(states))
    if chosen not in states and chosen != NEW:
        raise NotFound("There is no calendar {calendar}.", calendar=chosen)
    state = states.get(chosen) or {**first_state(), "name_zh": "", "name_en": "", "position": len(states) + 1}
    editing = shown(state, typed)
    site, at = request.app.state.site, clock.now()
    today = at.astimezone(site.zone).date()
    first = month_of(request.query_params.get("month", "") or day[:7], today)
    closures = await closures_now(session, at)
    served = await served_numbers(session, site.hotline_numbers)
    floor = edit.telephony.floor()
    return page(
        request,
        "admin/hours.html",
        status_code=status,
        states=states,
        chosen=chosen,
        editing=editing,
        week_text=editing.get("typed_week") or dict(zip(WEEKDAYS, map(write_spans, editing["week"]), strict=True)),
        weekday_ids=WEEKDAYS,
        base=await versions.current_number(session, "calendar", chosen),
        errors=(typed or closing or {}).get("errors", {}),
        saved=saved,
        now_open=now_of(state, site.zone, at),
        numbers=sorted({*served, *(one for each in states.values() for one in each["entries"])}),
        first=first,
        months=neighbours(first),
        weeks=month_weeks(state, site.zone, first, today),
        day=_day(state, day or request.query_params.get("day", "")),
        preview=preview,
        this_year=today.year,
        closures=closures,
        shut=any(not one.entries or set(one.entries) & set(state["entries"]) for one in closures),
        past=await past_closures(session),
        people=await names(session),
        prompts=closure_prompts(),
        closing=closing,
        waiting=len(floor.waiting),
        words=admin_words,
    )


def closure_prompts() -> list[str]:
    """The announcements that a closure may have, by their catalogue keys."""
    return sorted(
        key for key in catalogue()["zh-CN"] if key.split("-")[0] == "closure" and not key.endswith("-choices")
    )


def _day(state: State, text_of_day: str) -> dict[str, Any] | None:
    try:
        day = date.fromisoformat(text_of_day)
    except ValueError:
        return None
    found = next((one for one in state["days"] if one["day"] == day.isoformat()), None)
    known = found or {"day": day.isoformat(), "kind": "", "name": "", "as_weekday": 0, "spans": []}
    return {**known, "date": day, "hours": write_spans(known["spans"])}
