"""Which talks are drawn for review, and why. Pure and seeded: the same talks and rule give the same draw, for ever.

A talk's ticket is SHA-256 of seed, period and recording; the lowest tickets of an agent win. Nobody can choose a talk,
each has the same chance, and anybody can count again that it was so.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    RANDOM = "random"  # n talks of each agent and week
    LOW_SCORE = "low_score"  # a customer's answer after the call is at most `limit` of 5
    LONG_HOLD = "long_hold"  # the customer was on hold for `limit` seconds or longer
    TOPIC = "topic"  # words of a topic were said
    COMPLAINT = "complaint"  # the contact's kind is complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """At most `most` talks of one agent in a week. `queues` () = every queue; `topics` () = every topic."""

    id: int
    kind: Kind
    seed: str
    most: int = 3
    limit: float = 0.0
    shortest: float = 30.0
    queues: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    second_percent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A recorded talk that can be played. `rating` is the lowest answer after the call, 1 to 5."""

    recording: int
    agent: str
    seconds: float
    queue: str = ""
    rating: int | None = None
    hold_seconds: float = 0.0
    topics: tuple[str, ...] = ()
    complaint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """`place` of the talk among `of` that the rule could have drawn for this agent; `found` is what the rule saw.

    `second`: a second reviewer judges it too, without seeing the first. `reviewer` "" = whoever takes it.
    """

    recording: int
    agent: str
    ticket: str
    place: int
    of: int
    found: str = ""
    second: bool = False
    reviewer: str = ""


def draw(rule: Rule, period: str, talks: Iterable[Talk], *, had: Collection[int] = ()) -> list[Drawn]:
    """The talks of this period that the rule draws, by agent and ticket.

    `had` are recordings that this rule has drawn in this week before: they count towards `most`, and none comes twice.
    """
    taken = set(had)
    by_agent: dict[str, list[Talk]] = defaultdict(list)
    for talk in {one.recording: one for one in talks}.values():
        if talk.agent and fits(rule, talk):
            by_agent[talk.agent].append(talk)
    drawn: list[Drawn] = []
    for agent, own in sorted(by_agent.items()):
        free = rule.most - sum(talk.recording in taken for talk in own)
        row = sorted(own, key=lambda talk: ticket(rule.seed, period, talk.recording))
        fresh = [talk for talk in row if talk.recording not in taken][: max(0, free)]
        drawn += [_drawn(rule, period, talk, row, agent) for talk in fresh]
    return drawn


def _drawn(rule: Rule, period: str, talk: Talk, row: Sequence[Talk], agent: str) -> Drawn:
    own = ticket(rule.seed, period, talk.recording)
    second = int(ticket(f"{rule.seed}/second", period, talk.recording)[:8], 16) % 100 < rule.second_percent
    return Drawn(
        recording=talk.recording,
        agent=agent,
        ticket=own,
        place=row.index(talk) + 1,
        of=len(row),
        found=found(rule, talk),
        second=second,
    )


def ticket(seed: str, period: str, recording: int) -> str:
    return hashlib.sha256(f"{seed}|{period}|{recording}".encode()).hexdigest()[:16]


def fits(rule: Rule, talk: Talk) -> bool:
    """Whether the rule could draw this talk at all."""
    if talk.seconds < rule.shortest or (rule.queues and talk.queue not in rule.queues):
        return False
    match rule.kind:
        case Kind.RANDOM:
            return True
        case Kind.LOW_SCORE:
            return talk.rating is not None and talk.rating <= rule.limit
        case Kind.LONG_HOLD:
            return talk.hold_seconds >= rule.limit
        case Kind.TOPIC:
            return any(not rule.topics or topic in rule.topics for topic in talk.topics)
        case Kind.COMPLAINT:
            return talk.complaint


def found(rule: Rule, talk: Talk) -> str:
    """What the rule saw in this talk: a number, or the topics; "" where there is nothing to tell."""
    match rule.kind:
        case Kind.LOW_SCORE:
            return str(talk.rating)
        case Kind.LONG_HOLD:
            return str(round(talk.hold_seconds))
        case Kind.TOPIC:
            return ", ".join(sorted({topic for topic in talk.topics if not rule.topics or topic in rule.topics}))
    return ""


def shared_out(drawn: Sequence[Drawn], reviewers: Sequence[str], load: dict[str, int] | None = None) -> list[Drawn]:
    """Each to the reviewer with the fewest so far, never to the agent of the talk; nobody left = whoever takes it.

    `load` is how many each has open already; it is counted on.
    """
    load = load if load is not None else {}
    shared = []
    for one in drawn:
        free = [who for who in dict.fromkeys(reviewers) if who != one.agent]
        who = min(free, key=lambda name: (load.get(name, 0), ticket(one.ticket, name, one.recording)), default="")
        load[who] = load.get(who, 0) + 1
        shared.append(replace(one, reviewer=who))
    return shared
