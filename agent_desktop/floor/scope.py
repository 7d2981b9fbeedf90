"""Whom a leader sees and may steer: the own teams' agents, and the callers in the queues that these agents serve."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.actions import SignedInUser
from crm_core.errors import NotFound
from crm_core.workforce import queries
from crm_core.workforce.model import Team


class NotYourTeam(NotFound):
    def __init__(self) -> None:
        super().__init__("This agent is in none of your teams.")


class NotYourQueue(NotFound):
    def __init__(self) -> None:
        super().__init__("Nobody of your teams serves this queue.")


@dataclass(frozen=True, slots=True)
class Scope:
    """`teams` None = every team, of a supervisor. `agents` and `queues` are what follows from them."""

    teams: frozenset[str] | None
    agents: frozenset[str]
    queues: frozenset[str]

    def require_agent(self, agent: str) -> None:
        """Raises NotYourTeam, also for a number that nobody has; to a supervisor it says just that."""
        if agent not in self.agents:
            raise NotFound("There is no agent {agent}.", agent=agent[:8]) if self.teams is None else NotYourTeam()

    def require_queue(self, queue: str) -> None:
        """Raises NotYourQueue, also for a queue that does not exist; to a supervisor it says just that."""
        if queue not in self.queues:
            raise NotFound("There is no queue {queue}.", queue=queue[:40]) if self.teams is None else NotYourQueue()


async def scope_of(session: AsyncSession, user: SignedInUser, team: str = "") -> Scope:
    """Everything this person leads; of it only `team`, when that is one of theirs."""
    led = await queries.led_teams(session, user)
    people, queues = await queries.agents(session), await queries.queues(session)
    chosen = frozenset({team}) if team and (led is None or team in led) else led
    mine = [one for one in people if chosen is None or one.team in chosen]
    skills = {skill for one in mine for skill in one.skills}
    # A queue that nobody serves any more still has callers, and a supervisor must see them.
    served = {row.id for row in queues if chosen is None or row.skill in skills}
    return Scope(chosen, frozenset(one.number for one in mine), frozenset(served))


async def teams_of(session: AsyncSession, user: SignedInUser) -> list[Team]:
    """The teams this person leads, in order; all of them for a supervisor."""
    led = await queries.led_teams(session, user)
    return [team for team in await queries.teams(session) if led is None or team.id in led]
