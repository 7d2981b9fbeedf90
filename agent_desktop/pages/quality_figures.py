"""Trends of scores by agent, team and criterion, and calibration: how far two blind reviewers agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.naming import names_for
from agent_desktop.quality import words
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.quality import trends
from crm_core.quality.form_queries import given, usable_forms
from crm_core.quality.forms import Form
from crm_core.quality.reach import reviewed_agents
from crm_core.workforce.queries import names, queues, teams

router = APIRouter(prefix="/quality", dependencies=[needs(Permission.REVIEW_TALKS)])
USUAL, LONGEST = 28, 366


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address. `by` agent or team."""

    start: str = ""
    end: str = ""
    form: str = ""
    by: str = "agent"
    agent: str = ""
    team: str = ""

    def address(self, **changes: object) -> str:
        fields = {name: getattr(self, name) for name in self.__slots__} | changes
        return "?" + urlencode({name: value for name, value in fields.items() if value})


@router.get("/trend")
async def show_trend(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Depends()]
) -> Response:
    """Scores by week beside the period before; criteria as a heat list; few reviews are marked."""
    reach, zone = await reviewed_agents(session, me), rendering.site.zone
    if asked.agent:
        reach = frozenset({asked.agent}) if reach is None or asked.agent in reach else frozenset()
    first, last = _days(asked, clock.now().astimezone(zone).date())
    start, end = _bounds(first, last, rendering)
    form = _number(asked.form) or await trends.most_used_form(session, reach, start, end)
    before = start - (end - start)
    now_rows = await trends.judged(session, reach, start, end, form=form, team=asked.team)
    old_rows = await trends.judged(session, reach, before, start, form=form, team=asked.team)
    by_team, mondays = asked.by == "team", trends.weeks(first, last)
    using = await given(session, form) if form else None
    content = using.content if using else Form()
    return page(
        request,
        "quality/trend.html",
        asked=asked,
        first=first,
        last=last,
        earlier=(before.astimezone(zone).date(), first - timedelta(days=1)),
        form=form,
        forms=await usable_forms(session),
        whole=trends.mean(row.tenths / 10 for row in now_rows),
        whole_before=trends.mean(row.tenths / 10 for row in old_rows),
        knocked=sum(row.knocked for row in now_rows),
        mondays=mondays,
        by_week=trends.by_week(now_rows, mondays, zone),
        lines=trends.compared(now_rows, old_rows, mondays, zone, teams=by_team),
        criteria=content.criteria,
        heat=trends.heat(now_rows, content, teams=by_team),
        team_names={one.id: (one.name_zh, one.name_en) for one in await teams(session)},
        few=trends.FEW,
        may_set=me.may(Permission.SET_QUALITY),
        quality_words=words,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


@router.get("/calibration")
async def show_calibration(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Depends()]
) -> Response:
    """Pairs of a first and a blind second review of the same talk by the same version."""
    reach, zone = await reviewed_agents(session, me), rendering.site.zone
    first, last = _days(asked, clock.now().astimezone(zone).date(), usual=90)
    start, end = _bounds(first, last, rendering)
    forms = await usable_forms(session)
    form = _number(asked.form) or await trends.most_used_form(session, reach, start, end)
    using = await given(session, form) if form else None
    # Who has still to judge a talk is in no pair: both of a pair were given, and each person judges a talk once.
    found = await trends.pairs(session, reach, start, end, form=form)
    found = [one for one in found if me.number != one.first.agent]
    same = [one for one in found if using and one.first.version == using.version]
    scores, criteria = trends.agreements(using.content if using else Form(), same)
    return page(
        request,
        "quality/calibration.html",
        asked=asked,
        first=first,
        last=last,
        form=form,
        forms=forms,
        version=using.version if using else 0,
        pairs=found,
        counted=len(same),
        scores=scores,
        criteria=criteria,
        may_set=me.may(Permission.SET_QUALITY),
        quality_words=words,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


def _days(asked: Asked, today: date, *, usual: int = USUAL) -> tuple[date, date]:
    """The days of the period, both included: what cannot be read is the usual one up to today."""
    last = _day(asked.end) or today
    first = _day(asked.start) or last - timedelta(days=usual - 1)
    first = min(first, last)
    return max(first, last - timedelta(days=LONGEST)), last


def _bounds(first: date, last: date, rendering: TheRendering) -> tuple[datetime, datetime]:
    zone = rendering.site.zone
    return clock.day_bounds(first, zone)[0], clock.day_bounds(last, zone)[1]


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found <= date(2099, 12, 1) else None


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 0
