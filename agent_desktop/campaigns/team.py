"""The agents of a campaign as they are at this moment, from the live picture of the floor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import reduce

from agent_desktop.floor.queries import Ground
from agent_desktop.ports import DeskView, FloorView
from crm_core.campaigns.model import Campaign
from reports.metrics import OCCUPANCY, AgentTimes, Ratio

NOTHING = Ratio(0, 0)
_ORDER = {"talking": 0, "hold": 1, "wrap_up": 2, "ringing": 3, "ready": 4, "break": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMember:
    """`ours` = the call that this agent has is one of the campaign's."""

    agent: str
    state: str
    since: float
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Those on duty who can be given the campaign's customers, and their occupancy of the day. `inbound` waits."""

    members: tuple[TeamMember, ...] = ()
    occupancy: Ratio = NOTHING
    inbound: int = 0

    @property
    def ready(self) -> int:
        return sum(one.state == "ready" for one in self.members)


def team_of(campaign: Campaign, floor: FloorView, ground: Ground) -> Team:
    """None of a campaign without agents."""
    skill = next((queue.skill for queue in ground.queues if queue.id == campaign.queue), "")
    if not skill:
        return Team()
    mine = {number for number, facts in ground.people.items() if facts.skills.get(skill)}
    skills = {queue.id: queue.skill for queue in ground.queues}
    members = [_member(campaign, desk) for desk in floor.agents if desk.agent in mine and desk.state != "offline"]
    return Team(
        members=tuple(sorted(members, key=lambda one: (_ORDER.get(one.state, 9), one.since))),
        occupancy=OCCUPANCY.of(_sum(ground.times, mine)),
        inbound=sum(not view.call.startswith("ob-") and skills.get(view.queue) == skill for view in floor.waiting),
    )


def _member(campaign: Campaign, desk: DeskView) -> TeamMember:
    ours = desk.call is not None and desk.call.call.startswith(f"ob-{campaign.id}-")
    return TeamMember(agent=desk.agent, state=desk.state, since=desk.since, ours=ours)


def _sum(times: Mapping[str, AgentTimes], agents: Iterable[str]) -> AgentTimes:
    def add(one: AgentTimes, other: AgentTimes) -> AgentTimes:
        return AgentTimes(**{f.name: getattr(one, f.name) + getattr(other, f.name) for f in fields(AgentTimes)})

    return reduce(add, (times[agent] for agent in agents if agent in times), AgentTimes())
