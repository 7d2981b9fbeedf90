"""Trends of scores by agent, team and criterion, and calibration: how far two blind reviewers agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.csv_out import csv_file
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.naming import names_for
from agent_desktop.quality import words
from agent_desktop.rendering import Rendering, language_of, page, translate
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.quality import calibration, trends
from crm_core.quality.form_queries import given, usable_forms
from crm_core.quality.forms import Criterion, Form
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What was asked for, counted; `heat` by agent or team, in the order of `criteria`."""

    first: date
    last: date
    earlier: tuple[date, date]
    form: int
    mondays: list[date]
    criteria: Sequence[Criterion]
    now: Mapping[str, trends.Tally]
    before: Mapping[str, trends.Tally]
    heat: Mapping[str, tuple[trends.Mean, ...]]

    @property
    def whole(self) -> trends.Compared:
        everybody = {trends.EVERYBODY: self.now[trends.EVERYBODY]}
        return trends.compared_line(trends.EVERYBODY, everybody, self.before)

    @property
    def lines(self) -> list[trends.Compared]:
        return trends.compared(self.now, self.before)

    @property
    def with_all(self) -> list[trends.Compared]:
        return [self.whole, *self.lines]


@router.get("/trend")
async def show_trend(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Depends()]
) -> Response:
    """Scores by week beside the period before; criteria as a heat list; few reviews are marked."""
    found = await _trend(session, me, rendering, asked)
    return page(
        request,
        "quality/trend.html",
        asked=asked,
        found=found,
        forms=await usable_forms(session),
        team_names={one.id: (one.name_zh, one.name_en) for one in await teams(session)},
        few=trends.FEW,
        nobody=trends.NOBODY,
        may_set=me.may(Permission.SET_QUALITY),
        quality_words=words,
        named=names_for(language_of(request), await names(session), await queues(session)),
    )


@router.get("/trend.csv")
async def trend_as_file(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Depends()]
) -> Response:
    """The same lines for a spreadsheet: shares and means as numbers, the count beside each."""
    found = await _trend(session, me, rendering, asked)
    english = language_of(request) == "en"
    team_names = {one.id: one.name_en if english else one.name_zh for one in await teams(session)}
    known = await names(session)
    heads = [translate(request, one) for one in _HEADS]
    heads += [one.words.text(language_of(request)) for one in found.criteria]
    heads += [monday.isoformat() for monday in found.mondays]

    def named(key: str) -> str:
        if key in {trends.EVERYBODY, trends.NOBODY}:
            return translate(request, _ALL if key == trends.EVERYBODY else _NO_TEAM)
        return team_names.get(key, key) if asked.by == "team" else known.get(key, (key, key))[english]

    rows = [[line.key, named(line.key), *_figures(line, found)] for line in found.with_all]
    return csv_file(f"quality-{found.first}-{found.last}.csv", heads, rows)


_ALL, _NO_TEAM = N_("All"), N_("no team")
_HEADS = (
    *(N_("Number"), N_("Agent or team"), N_("Reviews"), N_("Mean score")),
    *(N_("Reviews before"), N_("Mean score before"), N_("Knocked out")),
)


def _figures(line: trends.Compared, found: Trend) -> list[object]:
    heat = found.heat.get(line.key, (trends.Mean(),) * len(found.criteria))
    means = [_tenths(one) for one in (*heat, *line.weeks)]
    now, before = line.now, line.before
    return [now.count, _tenths(now), before.count, _tenths(before), line.knocked, *means]


def _tenths(mean: trends.Mean) -> str:
    return "" if mean.value is None else f"{mean.value:.1f}"


async def _trend(session: AsyncSession, me: SignedInUser, rendering: Rendering, asked: Asked) -> Trend:
    """Of what this person may read."""
    reach, zone = await reviewed_agents(session, me), rendering.site.zone
    if asked.agent:
        reach = frozenset({asked.agent}) if reach is None or asked.agent in reach else frozenset()
    first, last = _days(asked, clock.now().astimezone(zone).date())
    start, end = _bounds(first, last, rendering)
    form = _number(asked.form) or await trends.most_used_form(session, reach, start, end)
    wanted = trends.Wanted(agents=reach, start=start, end=end, form=form, team=asked.team)
    earlier = replace(wanted, start=start - (end - start), end=start)
    using = await given(session, form) if form else None
    criteria, by_team, mondays = using.content.criteria if using else (), asked.by == "team", trends.weeks(first, last)
    return Trend(
        first=first,
        last=last,
        earlier=(earlier.start.astimezone(zone).date(), first - timedelta(days=1)),
        form=form,
        mondays=mondays,
        criteria=criteria,
        now=await trends.tallies(session, wanted, zone, mondays, teams=by_team),
        before=await trends.tallies(session, earlier, zone, teams=by_team),
        heat=await trends.heat(session, wanted, criteria, teams=by_team),
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
    found = await calibration.pairs(session, reach, start, end, form=form)
    found = [one for one in found if me.number != one.first.agent]
    same = [one for one in found if using and one.first.version == using.version]
    scores, criteria = calibration.agreements(using.content if using else Form(), same)
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
