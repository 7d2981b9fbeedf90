"""Why this agent, and why not another: a few words with numbers, at bounded cost."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from acd.commands import Verdict
from acd.model import Agent, AgentState, Instant, Need, WaitingCall
from acd.promises import is_inbound

if TYPE_CHECKING:
    from acd.floor import Floor

LOOKED_AT = 3
"""So many agents with the highest level are told of, besides the caller's previous one."""


class Word(StrEnum):
    """`value` in brackets. The first two are of the agent who was chosen, all others of those who were not."""

    LEVEL = "level"  # (level) chosen, with this level
    IDLE = "idle"  # (seconds) chosen, idle for so long
    TALKING = "talking"  # (seconds) in a call, so long now
    RINGING = "ringing"  # the phone rings for another
    WRAP_UP = "wrap_up"  # (seconds) in after-call work, so long now
    ON_BREAK = "on_break"  # (seconds)
    UNREACHABLE = "unreachable"  # the phone cannot be rung
    MISSED_BEFORE = "missed_before"  # did not take this caller before
    LEVEL_TOO_LOW = "level_too_low"  # (level) and more was needed
    LACKS_SKILL = "lacks_skill"  # one of the further skills, or all
    NO_AFFINITY = "no_affinity"  # not for the caller's dealer or region
    RESERVED_FOR_OTHER = "reserved_for_other"  # the caller was kept for another agent
    AT_CAPACITY = "at_capacity"  # (number) has so much work of this kind already
    LEVEL_LOWER = "level_lower"  # (level) free, with a lower level
    IDLE_SHORTER = "idle_shorter"  # (seconds) free, idle for so long only
    BUSIER = "busier"  # (percent) free, with so much of the time spent on work
    NOT_IN_TURN = "not_in_turn"  # free, and it was another's turn


_BY_STATE = {
    AgentState.RINGING: Word.RINGING,
    AgentState.TALKING: Word.TALKING,
    AgentState.HOLD: Word.TALKING,
    AgentState.WRAP_UP: Word.WRAP_UP,
    AgentState.BREAK: Word.ON_BREAK,
}


def explain(floor: Floor, waiting: WaitingCall, chosen: Agent, why: str, at: Instant) -> tuple[list[Verdict], int]:
    """The verdicts, the chosen agent first, and how many more have the skill. Told before the phone rings."""
    need, crew = waiting.need, floor.crew
    verdicts = [
        Verdict(chosen.id, Word.LEVEL, chosen.skills.get(need.skill, 0)),
        Verdict(chosen.id, Word.IDLE, max(0, int(at - chosen.idle_since))),
    ]
    known = crew.best(need.skill, LOOKED_AT)
    others = crew.count(need.skill) - (need.skill in chosen.skills)
    last = crew.agents.get(waiting.last_agent) if waiting.last_agent is not None else None
    if last is not None and all(last is not other for other in known):
        known.insert(0, last)
    for other in known:
        if other is not chosen:
            word, value = _against(waiting, other, at) or _both_free(need, other, chosen, why, at)
            verdicts.append(Verdict(other.id, word, value))
            others -= need.skill in other.skills
    return verdicts, others


def _against(waiting: WaitingCall, other: Agent, at: Instant) -> tuple[Word, int] | None:
    """What spoke against this agent; None = nothing, another one was only better."""
    state = _BY_STATE.get(other.state)
    if other.id in waiting.missed_by and state in (None, Word.RINGING):
        return Word.MISSED_BEFORE, 0
    if state is not None:
        return state, max(0, int(at - other.since))
    if waiting.reserved_for is not None:
        return Word.RESERVED_FOR_OTHER, 0
    return (Word.UNREACHABLE, 0) if not other.reachable else _unfit(waiting.need, other)


def _unfit(need: Need, other: Agent) -> tuple[Word, int] | None:
    level = other.skills.get(need.skill)
    if level is None or not need.also <= other.skills.keys():
        return Word.LACKS_SKILL, 0
    if level < need.level:
        return Word.LEVEL_TOO_LOW, level
    if not other.has_room(need.medium):
        return Word.AT_CAPACITY, sum(kind is need.medium for kind in other.work.values())
    return (Word.NO_AFFINITY, 0) if need.tags and need.tags.isdisjoint(other.tags) else None


def _both_free(need: Need, other: Agent, chosen: Agent, why: str, at: Instant) -> tuple[Word, int]:
    if why == "round_robin":
        return Word.NOT_IN_TURN, 0
    if why == "least_occupied":
        return Word.BUSIER, round(100 * other.occupancy(at))
    level = other.skills[need.skill]
    if level < chosen.skills.get(need.skill, 0) and why != "longest_idle":
        return Word.LEVEL_LOWER, level
    return Word.IDLE_SHORTER, max(0, int(at - other.idle_since))


def waits_for(floor: Floor, waiting: WaitingCall) -> str:
    """In one word what must happen for a caller in line: reserved, affinity, skill, promised, level or agent.

    skill = nobody on duty has it; promised = agents are free and stay for a campaign's answers, for seconds; level =
    those who are free do not have it high enough yet; agent = all are busy.
    """
    if waiting.reserved_for is not None:
        return "reserved"
    if waiting.need.tags:
        return "affinity"
    if not floor.crew.serving(waiting.need.skill):
        return "skill"
    if floor.promises and is_inbound(waiting) and floor.free.any_with(waiting.need) and not waiting.need.level:
        return "promised"
    return "level" if waiting.need.level and floor.free.any_with(waiting.need) else "agent"
