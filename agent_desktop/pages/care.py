"""The calendar of care: what will happen on which day, for whom, by whom, and why it will or will not."""

from __future__ import annotations

import calendar as months
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.care import words
from agent_desktop.dependencies import Session, needs
from agent_desktop.rendering import language_of, page
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.care.calendar import calendar, of_day
from crm_core.care.people import lines
from crm_core.care.planned import Asked
from crm_core.care.rulebook import Owner
from crm_core.care.settings import care_rules
from crm_core.dealers.model import Dealer

router = APIRouter(prefix="/care", dependencies=[needs(Permission.SEE_CAMPAIGNS)])
SHOWN = 40
"""People of a day on one page: the gate is asked for each."""
EARLIEST, LATEST = timedelta(days=366), timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """`view`: month or week; `day` lies in it. `on` is the chosen day, None = none."""

    view: str
    day: date
    on: date | None
    dealer: int
    rule: str
    owner: str
    start: int

    def address(self, **changes: object) -> str:
        values = {name: getattr(self, name) for name in ("view", "day", "on", "dealer", "rule", "owner")}
        kept = {name: value for name, value in (values | changes).items() if value not in (None, "", 0)}
        return "/care?" + urlencode(kept)

    @property
    def weeks(self) -> list[list[date]]:
        """Whole weeks, Monday first."""
        if self.view == "week":
            monday = self.day - timedelta(days=self.day.weekday())
            return [[monday + timedelta(days=number) for number in range(7)]]
        return months.Calendar().monthdatescalendar(self.day.year, self.day.month)

    @property
    def before(self) -> date:
        step = timedelta(days=7) if self.view == "week" else timedelta(days=self.day.day)
        return self.day - step

    @property
    def after(self) -> date:
        if self.view == "week":
            return self.day + timedelta(days=7)
        return (self.day.replace(day=1) + timedelta(days=32)).replace(day=1)


def the_view(
    request: Request,
    *,
    view: str = "month",
    day: str = "",
    on: str = "",
    dealer: str = "",
    rule: str = "",
    owner: str = "",
    start: str = "",
) -> View:
    """What cannot be read is as if it was not asked; days a year away are not reckoned."""
    today = clock.now().astimezone(request.app.state.site.zone).date()
    chosen = _day(on)
    shown = _day(day) or chosen or today
    return View(
        view="week" if view == "week" else "month",
        day=min(max(shown, today - EARLIEST), today + LATEST),
        on=chosen,
        dealer=_number(dealer),
        rule=rule[:16],
        owner=owner if owner in list(Owner) else "",
        start=_number(start),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


TheView = Annotated[View, Depends(the_view)]


@router.get("")
async def show_calendar(request: Request, session: Session, seen: TheView) -> Response:
    now, zone = clock.now(), request.app.state.site.zone
    first, last = seen.weeks[0][0], seen.weeks[-1][-1] + timedelta(days=1)
    asked = Asked(first=first, last=last, dealer_id=seen.dealer or None, rule=seen.rule, owner=seen.owner)
    planned = await calendar(session, asked, at=now, zone=zone)
    counts = planned.days.get(seen.on, Counter()) if seen.on else Counter[str]()
    people = (
        await of_day(session, asked, seen.on, counts, start=seen.start, most=SHOWN, at=now, zone=zone)
        if seen.on
        else []
    )
    rules = await care_rules(session)
    return page(
        request,
        "care/calendar.html",
        seen=seen,
        today=now.astimezone(zone).date(),
        days=planned.days,
        sums=planned.per_rule,
        total=planned.per_rule.total(),
        settled=planned.settled,
        of_day=counts.total(),
        lines=await lines(session, people, at=now, zone=zone),
        shown=SHOWN,
        rules=rules,
        titles=titles(rules, language_of(request)),
        dealers=await _dealers(session),
        words=words,
    )


def titles(rules: Any, language: str) -> dict[str, str]:
    """A rule's id to its name; other kinds of tasks have words of their own."""
    return {one.id: one.name(language) for one in rules}


async def _dealers(session: AsyncSession) -> list[tuple[int, str]]:
    rows = await session.execute(select(Dealer.id, Dealer.short_name).order_by(Dealer.short_name))
    return [(row.id, row.short_name) for row in rows]
