"""Saving calendars, and closing the hotline in an emergency. In effect for the next call; no call is touched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable, named, text_of
from crm_core.workforce.holidays import SpecialDay
from crm_core.workforce.hours_model import CalendarDay, CalendarRow, Closure
from crm_core.workforce.hours_queries import calendars, closures_now
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.spans import SpansWrong, require_spans
from crm_core.workforce.versions import State

DAY_KINDS = ("holiday", "workday", "hours")
_WORD = re.compile(r"[a-z][a-z0-9_]{1,38}")
_PROMPT = re.compile(r"[a-z0-9][a-z0-9-]{0,58}")
_ENTRY = re.compile(r"[0-9]{3,15}")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def calendar_state(row: CalendarRow) -> State:
    """What one version of a calendar holds; the days are in order."""
    return {
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "entries": list(row.entries),
        "position": row.position,
        "week": [[list(span) for span in day] for day in row.week],
        "days": [day_state(day) for day in row.days],
    }


def day_state(row: CalendarDay) -> State:
    return {
        "day": row.day.isoformat(),
        "kind": row.kind,
        "name": row.name,
        "as_weekday": row.as_weekday,
        "spans": [list(span) for span in row.spans],
    }


async def save_calendar(
    session: AsyncSession, calendar: str, state: State, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Create or replace a calendar. Raises Unusable with a sentence per field, or SavedMeanwhile; None = no change."""
    rows = await calendars(session)
    state = _checked(calendar, state, [row for row in rows if row.id != calendar])
    old = next((row for row in rows if row.id == calendar), None)
    before = calendar_state(old) if old else None
    await versions.require_unchanged(session, "calendar", calendar, base)
    await _write(session, calendar, state, old)
    return await versions.record(
        session, "calendar", calendar, before=before, after=state, actor=actor, at=at, base=base
    )


async def remove_calendar(
    session: AsyncSession, calendar: str, *, base: int | None, actor: str, at: datetime
) -> WorkforceVersion | None:
    """Its numbers follow the general calendar from now on; the general one itself may not go."""
    rows = await calendars(session)
    old = next((row for row in rows if row.id == calendar), None)
    if old is None:
        raise NotFound("There is no calendar {calendar}.", calendar=calendar)
    if not old.entries and sum(not row.entries for row in rows) == 1 and len(rows) > 1:
        raise Refused("This calendar holds for every other number: it cannot be removed.")
    before = calendar_state(old)
    await session.delete(old)
    await session.flush()
    return await versions.record(
        session, "calendar", calendar, before=before, after=None, actor=actor, at=at, base=base
    )


def with_special_days(state: State, days: Iterable[SpecialDay], *, as_weekday: int = 0) -> State:
    """The calendar with these holidays and swapped workdays: a day already there is replaced, the others stay."""
    kept = {one["day"]: one for one in state["days"]}
    for day in days:
        kept[day.day.isoformat()] = {
            "day": day.day.isoformat(),
            "kind": day.kind,
            "name": day.name,
            "as_weekday": as_weekday if day.kind == "workday" else 0,
            "spans": [],
        }
    return {**state, "days": [kept[day] for day in sorted(kept)]}


async def close_hotline(
    session: AsyncSession,
    *,
    entries: Sequence[str],
    prompt: str,
    reason: str,
    ends_at: datetime | None,
    actor: str,
    at: datetime,
) -> Closure:
    """New calls hear the announcement from now on; callers who wait already are served. [] = all numbers."""
    problems: list[Invalid] = []
    if not _PROMPT.fullmatch(prompt):
        problems.append(Invalid("Choose an announcement.", field="prompt"))
    if any(not _ENTRY.fullmatch(entry) for entry in entries):
        problems.append(Invalid("Choose numbers of the hotline.", field="entries"))
    if ends_at is not None and ends_at <= at:
        problems.append(Invalid("The closure would be over already: choose a later end.", field="ends_at"))
    if not reason.strip():
        problems.append(Invalid("Say in a few words why the hotline is closed.", field="reason"))
    if problems:
        raise Unusable(problems)
    wanted = sorted(set(entries))
    for other in await closures_now(session, at):
        if not wanted or (other.entries and set(other.entries) <= set(wanted)):  # it has no number left of its own
            other.ended_at, other.ended_by = at, actor[:16]
    row = Closure(
        entries=wanted,
        prompt=prompt,
        reason=storable(reason.strip(), 120),
        began_at=at,
        began_by=actor[:16],
        ends_at=ends_at,
    )
    session.add(row)
    await session.flush()
    detail = noting(prompt=prompt, until=ends_at.isoformat() if ends_at else "", reason=row.reason)
    await audit(session, at=at, actor=actor, action="hotline_closed", subject=",".join(wanted) or "*", detail=detail)
    return row


async def open_hotline(session: AsyncSession, closure: int, *, actor: str, at: datetime) -> Closure:
    """End a closure. Raises NotFound; one that is over already stays as it is."""
    row = await session.scalar(select(Closure).where(Closure.id == closure).with_for_update())
    if row is None:
        raise NotFound("This closure is not known.")
    if row.ended_at is None:
        row.ended_at, row.ended_by = at, actor[:16]
        await audit(
            session,
            at=at,
            actor=actor,
            action="hotline_opened",
            subject=",".join(row.entries) or "*",
            detail=row.reason,
        )
    return row


async def _write(session: AsyncSession, calendar: str, state: State, old: CalendarRow | None) -> None:
    if old is None:
        session.add(CalendarRow(id=calendar, **{name: state[name] for name in _PLAIN}))
    else:
        for name in _PLAIN:
            setattr(old, name, state[name])
    await session.flush()
    await session.execute(delete(CalendarDay).where(CalendarDay.calendar == calendar))
    session.add_all(
        CalendarDay(calendar=calendar, **{**one, "day": date.fromisoformat(one["day"])}) for one in state["days"]
    )
    await session.flush()
    session.expire_all()


_PLAIN = ("name_zh", "name_en", "entries", "position", "week")


def _checked(calendar: str, state: State, others: Sequence[CalendarRow]) -> State:
    problems: list[Invalid] = []
    if not _WORD.fullmatch(calendar):
        problems.append(Invalid("An id is a lower-case word.", field="id"))
    problems += named(state)
    entries = sorted({str(entry) for entry in state["entries"]})
    if any(not _ENTRY.fullmatch(entry) for entry in entries):
        problems.append(Invalid("Choose numbers of the hotline.", field="entries"))
    for other in others:
        both = sorted(set(entries) & set(other.entries))
        if both:
            problems.append(
                Invalid(
                    "{number} has the calendar {name} already.", number=both[0], name=other.name_zh, field="entries"
                )
            )
    if not entries and any(not other.entries for other in others):
        problems.append(Invalid("There is a general calendar already: choose numbers for this one.", field="entries"))
    problems += _week_problems(state["week"])
    problems += [problem for one in state["days"] for problem in _day_problems(one)]
    if problems:
        raise Unusable(problems)
    days = {one["day"]: {**one, "name": text_of(one.get("name"), 40)} for one in state["days"]}
    plain = {"name_zh": text_of(state["name_zh"], 40), "name_en": text_of(state["name_en"], 60), "entries": entries}
    rest = {
        "position": int(state.get("position", 0)),
        "week": state["week"],
        "days": [days[day] for day in sorted(days)],
    }
    return plain | rest


def _week_problems(week: Sequence[Sequence[Sequence[int]]]) -> list[Invalid]:
    problems: list[Invalid] = []
    for name, spans in zip(WEEKDAYS, week, strict=True):
        try:
            require_spans(spans)
        except SpansWrong as wrong:
            problems.append(SpansWrong(wrong.message_id, **wrong.values, field=name))
    if not any(week):
        problems.append(Invalid("The week has no opening hours at all. To close, use the closure switch.", field="mon"))
    return problems


def _day_problems(one: dict[str, Any]) -> list[Invalid]:
    try:
        date.fromisoformat(one["day"])
    except ValueError:
        return [Invalid("{day} is not a day of the calendar.", day=one["day"], field="days")]
    if one["kind"] not in DAY_KINDS or not 0 <= one["as_weekday"] <= 6:
        return [Invalid("Choose from the list.", field="days")]
    try:
        require_spans(one["spans"])
    except SpansWrong as wrong:
        return [SpansWrong(wrong.message_id, **wrong.values, field="days")]
    if one["kind"] == "hours" and not one["spans"]:
        return [Invalid("Enter hours for {day}, or make it a holiday.", day=one["day"], field="days")]
    return []
