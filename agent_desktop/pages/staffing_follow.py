"""Who should be here and is not, and how the plan was followed: now, on a day, in a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from agent_desktop.csv_out import csv_file
from agent_desktop.dependencies import needs
from agent_desktop.formats import rate_figure
from agent_desktop.rendering import page, translate
from agent_desktop.staffing import words
from agent_desktop.staffing.look import Look, TheLook
from agent_desktop.words import N_
from crm_core.access.roles import Permission
from crm_core.shifts.queries import absences
from crm_core.workforce.queries import AgentFacts
from reports.adherence import AT_WORK, PlanTimes, Stretch
from reports.adherence_queries import done, followed, planned
from reports.periods import midnight
from reports.plan_metrics import ADHERENCE, CONFORMANCE
from reports.queries import open_stints

router = APIRouter(prefix="/staffing/adherence", dependencies=[needs(Permission.PLAN_SHIFTS)])
_ORDER = ("missing", "on_break", "overrun", "unplanned", "as_planned", "resting", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """`word` is one of words.NOW; `since` when the agent's state or, of somebody missing, the shift began."""

    agent: AgentFacts
    word: str
    state: str
    since: datetime | None
    ends: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A strip of a day in a box of 960: what was planned, what was done."""

    x: float
    width: float
    is_work: bool


@router.get("")
async def show_adherence(look: TheLook, day: str = "", span: str = "day") -> Response:
    """A day with its strips, or the week of the day as sums."""
    on = look.day(day)
    first = on - timedelta(days=on.weekday()) if span == "week" else on
    start, end = midnight(first, look.zone), midnight(first + timedelta(days=7 if span == "week" else 1), look.zone)
    crew = await look.led()
    led = {one.number for one in crew}
    found = await followed(look.session, start, end, led, look.zone, now=look.now)
    strips = await _strips(look, start, end, led) if span != "week" else {}
    return page(
        look.request,
        "staffing/adherence.html",
        **await look.frame(),
        here="follow",
        words=words,
        day=on,
        whole_week=span == "week",
        monday=on - timedelta(days=on.weekday()),
        crew=[one for one in crew if one.number in found],
        found=found,
        total=sum(found.values(), PlanTimes()),
        strips=strips,
        hours=[(hour, round(hour / 24 * 960, 1)) for hour in range(0, 24, 2)],
        adherence=ADHERENCE,
        conformance=CONFORMANCE,
        now_here=await _here(look, crew),
    )


@router.get("/now")
async def who_is_here(look: TheLook) -> Response:
    """The list of now alone, for the page that stays open."""
    return page(
        look.request,
        "staffing/here.html",
        **await look.frame(),
        words=words,
        now_here=await _here(look, await look.led()),
    )


@router.get("/day.csv")
async def as_csv(look: TheLook, day: str = "") -> Response:
    on = look.day(day)
    start, end = midnight(on, look.zone), midnight(on + timedelta(days=1), look.zone)
    crew = await look.led()
    found = await followed(look.session, start, end, {one.number for one in crew}, look.zone, now=look.now)
    heads = (
        *(N_("Number"), N_("Name"), N_("Planned minutes"), N_("Followed minutes")),
        *(N_("Adherence %"), N_("Conformance %")),
    )
    rows = []
    for one in crew:
        if (times := found.get(one.number)) is not None:
            name = one.name_en if look.language == "en" else one.name
            shares = [ADHERENCE.of(times).value, CONFORMANCE.of(times).value]
            told = ["" if share is None else rate_figure(share) for share in shares]
            rows.append([one.number, name, round(times.planned / 60), round(times.followed / 60), *told])
    return csv_file(f"adherence-{on}.csv", [translate(look.request, head) for head in heads], rows)


async def _strips(look: Look, start: datetime, end: datetime, led: set[str]) -> dict[str, tuple[list[Bar], list[Bar]]]:
    plan = await planned(look.session, start, end, led, look.zone)
    work = await done(look.session, start, min(end, look.now), led, look.now) if start < look.now else {}

    def drawn(stretches: list[Stretch]) -> list[Bar]:
        bars: list[Bar] = []
        for one in _joined(stretches):
            left = max(one.begins, start.timestamp()) - start.timestamp()
            right = min(one.ends, end.timestamp()) - start.timestamp()
            whole = end.timestamp() - start.timestamp()
            if right > left:
                width = round((right - left) / whole * 960, 1)
                bars.append(Bar(x=round(left / whole * 960, 1), width=max(width, 0.4), is_work=one.is_work))
        return bars

    return {agent: (drawn(plan.get(agent, [])), drawn(work.get(agent, []))) for agent in led}


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    """Work that follows work is one: a day of two hundred calls is a handful of bars."""
    found: list[Stretch] = []
    for one in stretches:
        if found and found[-1].is_work is one.is_work and one.begins - found[-1].ends < 1:
            found[-1] = Stretch(found[-1].begins, one.ends, one.is_work)
        else:
            found.append(one)
    return found


async def _here(look: Look, crew: list[AgentFacts]) -> list[Here]:
    """Everybody who should be here or is, those who do otherwise than planned first."""
    moment = look.now.timestamp()
    led = {one.number for one in crew}
    plan = await planned(look.session, look.now - timedelta(hours=24), look.now + timedelta(hours=1), led, look.zone)
    off = await absences(look.session, look.today, look.today)
    states = await open_stints(look.session)
    rows = []
    for one in crew:
        current = next((each for each in plan.get(one.number, []) if each.begins <= moment < each.ends), None)
        known = states.get(one.number)
        works = known is not None and known.state in AT_WORK
        if current is None and known is None and one.number not in off:
            continue
        word = "off" if one.number in off and known is None else _word(current, works=works, away=known is None)
        since = known.since if known else current.begins if current else None
        rows.append(
            Here(
                agent=one, word=word, state=known.state if known else "offline",
                since=datetime.fromtimestamp(since, look.zone) if since else None,
                ends=datetime.fromtimestamp(current.ends, look.zone) if current else None,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (_ORDER.index(row.word), row.agent.number))


def _word(current: Stretch | None, *, works: bool, away: bool) -> str:
    if current is None:
        return "unplanned"
    if current.is_work:
        return "as_planned" if works else "missing" if away else "on_break"
    return "overrun" if works else "resting"
