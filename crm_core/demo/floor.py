"""The agents of one demo day: shifts, breaks, and who is free when. Without I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm_core.demo.staff import MEMBERS, Member

SHIFT = timedelta(hours=8, minutes=30)


@dataclass
class Agent:
    """`free_at` is when the next call may be offered; `breaks` are (due, length, reason), in order."""

    member: Member
    begins: datetime
    ends: datetime
    free_at: datetime
    breaks: list[tuple[datetime, timedelta, str]]
    stints: list[dict[str, Any]] = field(default_factory=list)

    @property
    def number(self) -> str:
        return self.member.number

    def work(self, began: datetime, state: str, ended: datetime, contact: str) -> None:
        """What the agent did; the time since the last thing was spent ready."""
        since = self.stints[-1]["ended_at"] if self.stints else self.begins
        if began > since:
            self._add("ready", "", "", since, began)
        self._add(state, "", contact, began, ended)

    def finish(self, at: datetime, wrap_up: timedelta, contact: str) -> None:
        """The talk is over: after-call work, then a break if one is due."""
        self._add("wrap_up", "", contact, at, at + wrap_up)
        self.free_at = at + wrap_up
        self.settle(self.free_at)

    def settle(self, at: datetime) -> None:
        """Take the breaks that were due by `at` and had room."""
        while self.breaks and self.breaks[0][0] <= at:
            due, length, reason = self.breaks.pop(0)
            began = max(due, self.free_at)
            since = self.stints[-1]["ended_at"] if self.stints else self.begins
            if began > since:
                self._add("ready", "", "", since, began)
            self._add("break", reason, "", began, began + length)
            self.free_at = began + length

    def _add(self, state: str, reason: str, contact: str, began: datetime, ended: datetime) -> None:
        self.stints.append(
            {
                "agent": self.number,
                "state": state,
                "reason": reason,
                "contact_id": contact,
                "began_at": began,
                "ended_at": ended,
            }
        )


class Floor:
    """Everybody on duty on one day; about two thirds of them at a weekend."""

    def __init__(self, random: Random, midnight: datetime) -> None:
        weekend = (midnight + timedelta(hours=12)).weekday() >= 5
        self._agents: list[Agent] = []
        for place, member in enumerate(MEMBERS):
            week = midnight.toordinal() // 7
            if weekend and (place + week) % 3 == 0:
                continue
            begins = midnight + timedelta(hours=member.shift, seconds=random.uniform(-240, 60))
            self._agents.append(_on_duty(random, member, begins))

    def choose(self, skill: str, at: datetime, but: Agent | None = None) -> Agent | None:
        """Who takes this call: free longest, else free first; None = nobody on duty knows this."""
        fitting: list[Agent] = []
        for agent in self._agents:
            agent.settle(at)
            able = agent is not but and skill in dict(agent.member.skills)
            if able and agent.begins <= at and max(agent.free_at, at) < agent.ends:
                fitting.append(agent)
        return min(fitting, key=lambda agent: agent.free_at, default=None)

    def close(self, until: datetime) -> list[dict[str, Any]]:
        """The stints of the day, nothing later than `until`."""
        stints: list[dict[str, Any]] = []
        for agent in self._agents:
            agent.settle(min(agent.ends, until))
            last = agent.stints[-1]["ended_at"] if agent.stints else agent.begins
            if last < agent.ends:
                agent.work(agent.ends, "ready", agent.ends, "")
                agent.stints.pop()
            stints += [stint for stint in agent.stints if stint["began_at"] < until]
        for stint in stints:
            stint["ended_at"] = min(stint["ended_at"], until)
        return stints


def _on_duty(random: Random, member: Member, begins: datetime) -> Agent:
    rests = (
        (random.uniform(1.6, 2.4), timedelta(minutes=random.uniform(8, 13)), "rest"),
        (random.uniform(3.4, 4.4), timedelta(minutes=random.uniform(28, 36)), "lunch"),
        (random.uniform(5.8, 6.8), timedelta(minutes=random.uniform(8, 13)), "rest"),
    )
    breaks = [(begins + timedelta(hours=hours), length, reason) for hours, length, reason in rests]
    return Agent(member=member, begins=begins, ends=begins + SHIFT, free_at=begins, breaks=breaks)
