"""What every staffing page begins with: who plans whom, the week and day of the address, the site's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.dependencies import Me, Session
from agent_desktop.formats import weekday
from agent_desktop.naming import Names, names_for
from agent_desktop.rendering import language_of
from agent_desktop.staffing.weeks import Learnt
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.shifts import times
from crm_core.shifts.times import monday_of
from crm_core.workforce.queries import AgentFacts, agents, led_agents, names, queues

FARTHEST = timedelta(days=370)


@dataclass(frozen=True, slots=True)
class Look:
    """One request of a staffing page."""

    request: Request
    session: AsyncSession
    me: SignedInUser
    now: datetime
    zone: ZoneInfo
    language: str

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.me.number, "at": self.now}

    @property
    def learnt(self) -> Learnt:
        kept: Learnt = self.request.app.state.learnt
        return kept

    async def frame(self) -> dict[str, Any]:
        """What the templates of all staffing pages need."""
        return {
            "named": await self.names(),
            "today": self.today,
            "timedelta": timedelta,
            "weekday": lambda on: weekday(on, self.language),
            "minute": times.clock,
            "span": _span,
            "spoken": self.language,
        }

    async def names(self) -> Names:
        return names_for(self.language, await names(self.session), await queues(self.session, removed=True))

    async def led(self) -> list[AgentFacts]:
        """The agents whom this person plans and who take calls: those with a skill, by team and number."""
        mine = await led_agents(self.session, self.me)
        crew = [one for one in await agents(self.session) if one.skills and (mine is None or one.number in mine)]
        return sorted(crew, key=lambda one: (one.team, one.number))

    def day(self, typed: str, default: date | None = None) -> date:
        """A day of an address; what is none, or is farther than a year, reads as the default or today."""
        try:
            found = date.fromisoformat(typed[:10])
        except ValueError:
            return default or self.today
        return found if abs(found - self.today) <= FARTHEST else default or self.today

    def monday(self, typed: str) -> date:
        return monday_of(self.day(typed))


def _span(monday: date) -> str:
    """A week as 11-30 – 12-06."""
    return f"{monday:%m-%d} – {monday + timedelta(days=6):%m-%d}"


async def the_look(request: Request, session: Session, me: Me) -> Look:
    return Look(request, session, me, clock.now(), request.app.state.config.site.zone, language_of(request))


TheLook = Annotated[Look, Depends(the_look)]
