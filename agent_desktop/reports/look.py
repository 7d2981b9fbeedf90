"""One reader's question: who asks, in which language, for which period. Pages, files and mails all ask with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.naming import Names, names_for
from agent_desktop.rendering import Rendering
from agent_desktop.reports.asked import Asked, read_asked
from agent_desktop.reports.cells import written
from agent_desktop.reports.conditions import problem_of
from agent_desktop.reports.sheet import Cell, Kind
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.reach import EVERYTHING, Reach
from crm_core.access.roles import Permission, Role
from crm_core.access.roles import may as granted
from crm_core.errors import Sentence
from crm_core.workforce.model import QueueRow, Team
from crm_core.workforce.queries import AgentFacts, agents, names, queues, teams


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLook:
    """`led` are the agents whose single figures this person sees; None = everybody's.

    `reach` are the dealers whose figures may be told, `base` where the reports of this reader stand.
    """

    session: AsyncSession
    number: str
    roles: Sequence[Role]
    language: str
    translate: Callable[..., str]
    zone: ZoneInfo
    now: datetime
    asked: Asked
    named: Names
    queues: Sequence[QueueRow]
    teams: Sequence[Team]
    agents: Mapping[str, AgentFacts]
    led: frozenset[str] | None
    site: str
    reach: Reach = EVERYTHING
    base: str = "/reports"

    def may(self, permission: Permission) -> bool:
        return granted(self.roles, permission)

    def say(self, message: str, **values: object) -> str:
        return self.translate(message, **values)

    def write(self, value: Cell, kind: Kind = Kind.COUNT) -> str:
        return written(value, kind, self.language, self.zone)

    def team_name(self, team: str) -> str:
        for one in self.teams:
            if one.id == team:
                return one.name_en if self.language == "en" else one.name_zh
        return team

    def leads_to(self, path: str) -> str:
        """The page of a case or a lead as this reader may open it, "" = not at all."""
        if self.reach.dealers is None:
            return path
        kind, _, number = path.strip("/").partition("/")
        if kind == "cases":
            return f"/dealer/complaints/{number}" if number.startswith("TS-") else ""
        return f"/dealer/leads/{number}" if kind == "leads" else ""

    @property
    def offered_agents(self) -> list[str]:
        """Whom this person may choose one by one, in the chosen teams."""
        return [
            number
            for number, one in sorted(self.agents.items())
            if (self.led is None or number in self.led) and (not self.asked.teams or one.team in self.asked.teams)
        ]

    @property
    def shown_agents(self) -> list[str]:
        """The agents of the chosen teams (all when none is chosen) that this person may see one by one."""
        asked = self.asked
        return [
            number
            for number, one in self.agents.items()
            if (self.led is None or number in self.led)
            and (not asked.teams or one.team in asked.teams)
            and (not asked.agents or number in asked.agents)
        ]


async def look_for(
    session: AsyncSession,
    query: Sequence[tuple[str, str]],
    *,
    number: str,
    roles: Sequence[Role],
    language: str,
    rendering: Rendering,
    led: frozenset[str] | None,
) -> ReportLook:
    """A question with its names; an unknown queue or team is a problem of it, not a failure."""
    now, zone = clock.now(), rendering.site.zone
    all_queues = await queues(session, removed=True)
    known = {one.number: one for one in await agents(session)}
    all_teams = await teams(session)
    asked = read_asked(query, now.astimezone(zone).date(), zone)
    if asked.problem is None:
        asked = replace(asked, problem=_unknown(asked, all_queues, all_teams, known) or problem_of(asked))
    return ReportLook(
        session=session,
        number=number,
        roles=roles,
        language=language,
        translate=lambda message, **values: rendering.translate(language, message, values or None),
        zone=zone,
        now=now,
        asked=asked,
        named=names_for(language, await names(session), all_queues),
        queues=all_queues,
        teams=all_teams,
        agents=known,
        led=led,
        site=rendering.site.name,
    )


def _unknown(
    asked: Asked, all_queues: Sequence[QueueRow], all_teams: Sequence[Team], agents: Mapping[str, AgentFacts]
) -> Sentence | None:
    for queue in asked.queues:
        if queue not in {one.id for one in all_queues}:
            return Sentence(N_("There is no queue {queue}. Choose one from the list."), {"queue": queue})
    for team in asked.teams:
        if team not in {one.id for one in all_teams} | {one.team for one in agents.values()}:
            return Sentence(N_("There is no team {team}. Choose one from the list."), {"team": team})
    for number in asked.agents:
        if number not in agents:
            return Sentence(N_("There is no agent {agent}. Choose one from the list."), {"agent": number})
    return None
