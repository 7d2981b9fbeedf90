"""Drafts that are made by themselves: the weekly report on Monday morning, a flash when its rule holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.naming import names_for
from agent_desktop.reports.bulletin_text import Voice, flash_draft, weekly_draft
from crm_core.bulletins.actions import known_draft, make, rules_body
from crm_core.cases.rules import load_rules
from crm_core.jobs.runner import Due, Handler
from crm_core.workforce.queries import names, queues
from reports.flash_queries import flashes
from reports.flashes import read_rules
from reports.weekly_queries import week_of

WEEKLY, FLASHES = "weekly_draft", "flash_watch"
BULLETIN_JOBS = (WEEKLY, FLASHES)
LANGUAGE = "zh-CN"  # of drafts nobody asked for; a person makes one in another language by hand
HOUR = time(6, 0)
EVERY = timedelta(minutes=5)


async def voice_in(session: AsyncSession, language: str, zone: ZoneInfo) -> Voice:
    named = names_for(language, await names(session), await queues(session, removed=True))
    return Voice(language=language, named=named, zone=zone)


async def draft_week(
    session: AsyncSession, monday: date, *, language: str, zone: ZoneInfo, actor: str, now: datetime
) -> int:
    """The bulletin of that week in this language, made now unless it exists; gives its id."""
    known = await known_draft(session, "weekly", "", monday, language)
    if known is not None:
        return known.id
    week = await week_of(session, monday, zone, now=now)
    draft = weekly_draft(await voice_in(session, language, zone), monday, monday + timedelta(days=6), week)
    return (await make(session, draft, actor=actor, at=now)).id


async def draft_flashes(session: AsyncSession, *, zone: ZoneInfo, now: datetime) -> int:
    """A draft for each rule that holds and has none today; gives how many rules hold."""
    rules = read_rules(await rules_body(session))
    danger = (await load_rules(session)).danger
    found = await flashes(session, rules, danger, now=now)
    voice, today = await voice_in(session, LANGUAGE, zone), now.astimezone(zone).date()
    for flash in found:
        await make(session, flash_draft(voice, flash, today), actor="system", at=now)
    return len(found)


def last_monday(at: datetime, zone: ZoneInfo) -> date:
    """The Monday of the last week that is over."""
    today = at.astimezone(zone).date()
    return today - timedelta(days=today.weekday() + 7)


def next_monday(at: datetime, zone: ZoneInfo) -> datetime:
    """When the next weekly draft is due."""
    local = at.astimezone(zone)
    day = local.date() + timedelta(days=(7 - local.weekday()) % 7)
    due = datetime.combine(day, HOUR, zone)
    return due if due > local else due + timedelta(days=7)


def bulletin_handlers(zone: ZoneInfo) -> Mapping[str, Handler]:
    """Both are on the list of recurring jobs."""

    async def weekly(session: AsyncSession, job: Due, at: datetime) -> datetime:
        await draft_week(session, last_monday(at, zone), language=LANGUAGE, zone=zone, actor="system", now=at)
        return next_monday(at, zone)

    async def watch(session: AsyncSession, job: Due, at: datetime) -> datetime:
        await draft_flashes(session, zone=zone, now=at)
        return at + EVERY

    return {WEEKLY: weekly, FLASHES: watch}
