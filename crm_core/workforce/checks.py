"""What may not be: a queue without a way out, an overflow in a circle, levels that rise. Pure: states in, problems out.

A queue's state is a mapping of its settings, as `queue_actions.queue_state` makes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from crm_core.errors import Invalid
from crm_core.workforce.fields import named, within
from crm_core.workforce.words import HIGHEST_LEVEL, STRATEGIES, WAYS_OUT

State = Mapping[str, Any]
Levels = Mapping[str, Iterable[int]]
"""Skill to the levels of the enabled agents who have it."""

WORD = re.compile(r"[a-z][a-z0-9_]{1,38}")  # section names and extensions in Asterisk's files: nothing else may get in
MOST_STEPS = 8
# Field, least, most, whether 0 = off is allowed. Seconds, but for priority, percent and most_waiting.
LIMITS = (
    ("priority", 0, 9, True),
    ("ring_seconds", 5, 120, False),
    ("wrap_up_seconds", 0, 1800, True),
    ("service_seconds", 1, 600, False),
    ("service_target_percent", 1, 100, False),
    ("short_abandon_seconds", 0, 60, True),
    ("ageing_seconds", 5, 3600, True),
    ("sticky_seconds", 1, 300, True),
    ("affinity_seconds", 1, 300, True),
    ("most_waiting", 1, 999, True),
    ("longest_wait_seconds", 30, 7200, True),
    ("first_announcement_seconds", 0, 600, True),
    ("announce_every_seconds", 15, 600, True),
)


def own_problems(state: State) -> list[Invalid]:
    """What is wrong with one queue's settings, whatever the others are."""
    problems = named(dict(state))
    if not WORD.fullmatch(str(state["skill"])):
        problems.append(
            Invalid(
                "Enter the skill that an agent needs for these callers, a lower-case word. Skills gives it to people.",
                field="skill",
            )
        )
    for field, low, high, zero in LIMITS:
        problems += within(dict(state), field, low, high, zero=zero)
    if state["strategy"] not in STRATEGIES:
        problems.append(Invalid("Choose from the list.", field="strategy"))
    problems += _level_problems(state["levels"])
    for limit, way in (("most_waiting", "when_full"), ("longest_wait_seconds", "when_too_long")):
        if state[way] not in WAYS_OUT:
            problems.append(Invalid("Choose from the list.", field=way))
        elif state[limit] and state[way] == "stay":
            problems.append(Invalid("Choose where the caller goes then.", field=way))
        elif not state[limit] and state[way] != "stay" and way == "when_too_long":  # a closed queue counts as full
            problems.append(Invalid("Enter the limit at which callers go there.", field=limit))
    return problems


def _level_problems(levels: list[dict[str, int]]) -> list[Invalid]:
    if len(levels) > MOST_STEPS:
        return [Invalid("At most {most} steps.", most=MOST_STEPS, field="levels")]
    earlier: dict[str, int] | None = None
    for step in levels:
        if not 1 <= step["level"] <= HIGHEST_LEVEL:
            return [Invalid("A level is a number from 1 to 9.", field="levels")]
        if earlier is None and step["after_seconds"] != 0:
            return [Invalid("The first step begins at 0 seconds.", field="levels")]
        if earlier is not None and not earlier["after_seconds"] < step["after_seconds"] <= 3600:
            return [Invalid("Each step begins later than the one before, within an hour.", field="levels")]
        if earlier is not None and step["level"] >= earlier["level"]:
            return [Invalid("Levels go down as the caller waits, never up.", field="levels")]
        earlier = step
    return []


def overflow_problems(queue: str, queues: Mapping[str, State]) -> list[Invalid]:
    """Overflow to nowhere, to itself, without a condition, twice to the same, or in a circle."""
    moves = queues[queue]["overflow"]
    wrong = [problem for move in moves for problem in _move_problems(queue, move, queues)]
    targets = [move["to"] for move in moves]
    if len(moves) > MOST_STEPS:
        wrong.append(Invalid("At most {most} steps.", most=MOST_STEPS, field="overflow"))
    if len(set(targets)) < len(targets):
        wrong.append(Invalid("Each queue can be named once.", field="overflow"))
    circle = [] if wrong else _circle(queue, queues)
    if circle:
        path = " → ".join(str(queues[one]["name_zh"]) for one in circle)
        wrong.append(Invalid("Callers would go in a circle: {path}.", path=path, field="overflow"))
    return wrong[:1]


def _move_problems(queue: str, move: Mapping[str, Any], queues: Mapping[str, State]) -> list[Invalid]:
    if move["to"] == queue:
        return [Invalid("A queue cannot overflow to itself.", field="overflow")]
    if move["to"] not in queues or queues[move["to"]]["leaving"]:
        return [Invalid("Choose a queue to overflow to.", field="overflow")]
    if not all(0 <= move[name] <= 7200 for name in ("after_seconds", "expected_over_seconds")):
        return [Invalid("Overflow begins within two hours.", field="overflow")]
    if not move["after_seconds"] and not move["expected_over_seconds"]:
        return [Invalid("Say after how much waiting callers overflow.", field="overflow")]
    return []


def _circle(queue: str, queues: Mapping[str, State]) -> list[str]:
    """The shortest way from the queue back to itself; [] = none."""
    paths, seen = [[queue]], {queue}
    for path in paths:
        for move in queues[path[-1]]["overflow"] if path[-1] in queues else ():
            if move["to"] == queue:
                return [*path, queue]
            if move["to"] not in seen:
                seen.add(move["to"])
                paths.append([*path, move["to"]])
    return []


def has_way_out(queue: str, queues: Mapping[str, State], levels: Levels) -> bool:
    """Whether a caller in this queue is sure to leave it otherwise than by giving up.

    By an agent who is good enough at last; by overflow to a queue that has a way out; by a limit of the wait that ends
    in a message or goodbye. A promised callback is no way out where nobody could call back.
    """
    return _has_way_out(queue, queues, levels, frozenset())


def _has_way_out(queue: str, queues: Mapping[str, State], levels: Levels, seen: frozenset[str]) -> bool:
    state = queues.get(queue)
    if state is None or queue in seen:
        return False
    lowest = state["levels"][-1]["level"] if state["levels"] else 1
    if any(level >= lowest for level in levels.get(state["skill"], ())):
        return True
    if state["longest_wait_seconds"] and state["when_too_long"] in ("voicemail", "goodbye"):
        return True
    return any(_has_way_out(move["to"], queues, levels, seen | {queue}) for move in state["overflow"])


def without_way_out(queues: Mapping[str, State], levels: Levels) -> set[str]:
    """The queues in which callers would wait for ever. One that takes no calls and is leaving counts, too."""
    return {queue for queue in queues if not has_way_out(queue, queues, levels)}
